package import Base
package import Expressions

extension TimeZoneDatabase {
    /// The zones of the system, for functions of SQL.
    package static func lookup(_ name: String) throws(BindingError) -> TimeZoneRules? {
        do throws(QueryError) {
            return try shared.rules(named: name)
        } catch {
            throw BindingError(code: error.code, message: error.message, closest: error.closest)
        }
    }
}
