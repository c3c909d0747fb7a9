// PartFormat
