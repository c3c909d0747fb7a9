#pragma once
#include <microhttpd.h>
#include <stdint.h>

// libmicrohttpd starts a daemon with variadic options, which Swift cannot pass; this is that call
// with the options that a loop of ours needs. A loop has no listening socket: connections come by
// MHD_add_connection.
struct weir_loop_options {
    unsigned int connectionLimit;
    unsigned int idleSeconds;
    size_t connectionMemory;
    void *context;
    MHD_AccessHandlerCallback handler;
    MHD_RequestCompletedCallback completed;
    void *(*begin)(void *context, const char *uri, struct MHD_Connection *connection);
    size_t (*unescape)(void *context, struct MHD_Connection *connection, char *text);
};

static inline struct MHD_Daemon *weir_start_loop(const struct weir_loop_options *options) {
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME
            | MHD_USE_ITC | MHD_USE_TURBO,
        0, NULL, NULL, options->handler, options->context,
        MHD_OPTION_CONNECTION_LIMIT, options->connectionLimit,
        MHD_OPTION_CONNECTION_TIMEOUT, options->idleSeconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->connectionMemory,
        MHD_OPTION_NOTIFY_COMPLETED, options->completed, options->context,
        MHD_OPTION_URI_LOG_CALLBACK, options->begin, options->context,
        MHD_OPTION_UNESCAPE_CALLBACK, options->unescape, options->context,
        MHD_OPTION_END);
}

// An answer of unknown length, whose pieces the reader gives: the number of bytes, 0 for later (it
// has suspended the connection), -1 at the end, -2 for an end that is none.
static inline struct MHD_Response *weir_stream_response(
    size_t pieceBytes, void *context,
    ssize_t (*read)(void *context, uint64_t position, char *buffer, size_t count),
    void (*free)(void *context)) {
    _Static_assert(MHD_CONTENT_READER_END_OF_STREAM == -1, "the end is -1");
    _Static_assert(MHD_CONTENT_READER_END_WITH_ERROR == -2, "the end that is none is -2");
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, pieceBytes, read, context, free);
}

// The socket of a connection; -1 where there is none.
static inline int weir_connection_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}
