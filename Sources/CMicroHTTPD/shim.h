#ifndef MLTRAINING_GATEWAY_MICROHTTPD_SHIM_H
#define MLTRAINING_GATEWAY_MICROHTTPD_SHIM_H

#include <microhttpd.h>

/* Swift does not import C variadic functions; each of these is one use of one, with its types. */

static inline struct MHD_Daemon *
gateway_mhd_start (unsigned int flags,
                   MHD_AccessHandlerCallback handler,
                   void *handler_cls,
                   struct MHD_OptionItem *options)
{
  return MHD_start_daemon (flags, 0, NULL, NULL, handler, handler_cls,
                           MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

/* The epoll descriptor to watch in external mode, -1 if there is none. */
static inline int
gateway_mhd_epoll_fd (struct MHD_Daemon *daemon)
{
  const union MHD_DaemonInfo *info = MHD_get_daemon_info (daemon, MHD_DAEMON_INFO_EPOLL_FD);
  return (NULL == info) ? -1 : info->epoll_fd;
}

static inline unsigned int
gateway_mhd_connection_count (struct MHD_Daemon *daemon)
{
  const union MHD_DaemonInfo *info = MHD_get_daemon_info (daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
  return (NULL == info) ? 0 : info->num_connections;
}

/* How strict libmicrohttpd is to be by itself. Up to 0.9.75 it has little to offer, and refuses with pages of its own that
   are malformed in places, so it is to let everything pass. */
#if MHD_VERSION >= 0x01000000
static const enum MHD_OPTION gateway_mhd_strictness = MHD_OPTION_CLIENT_DISCIPLINE_LVL;
static const int gateway_mhd_strictness_level = 1;
#elif MHD_VERSION > 0x00097500
static const enum MHD_OPTION gateway_mhd_strictness = MHD_OPTION_STRICT_FOR_CLIENT;
static const int gateway_mhd_strictness_level = 1;
#else
static const enum MHD_OPTION gateway_mhd_strictness = MHD_OPTION_STRICT_FOR_CLIENT;
static const int gateway_mhd_strictness_level = 0;
#endif

/* Whether the header block is left where it was received, NULs in place of what is between its parts. */
static const int gateway_mhd_keeps_lines = MHD_VERSION <= 0x00097500;

/* What a content reader answers at the end of a body, and where there will be no proper one. */
static const ssize_t gateway_mhd_end_of_stream = MHD_CONTENT_READER_END_OF_STREAM;
static const ssize_t gateway_mhd_end_with_error = MHD_CONTENT_READER_END_WITH_ERROR;

/* A response of unknown length: chunked, or ended by closing the connection where the client speaks HTTP/1.0. */
static inline struct MHD_Response *
gateway_mhd_streamed_response (size_t block_size,
                               MHD_ContentReaderCallback reader,
                               void *reader_cls,
                               MHD_ContentReaderFreeCallback free_reader)
{
  return MHD_create_response_from_callback (MHD_SIZE_UNKNOWN, block_size, reader, reader_cls, free_reader);
}

/* Has the body end with the connection, whatever the client speaks. */
static inline void
gateway_mhd_avoid_chunks (struct MHD_Response *response)
{
  (void) MHD_set_response_options (response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
}

/* What the notification of the connection's start has left for it. */
static inline void *
gateway_mhd_socket_context (struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return (NULL == info) ? NULL : info->socket_context;
}

/* Bytes of the request line and the header fields, 0 as long as they have not come. */
static inline size_t
gateway_mhd_header_size (struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  return (NULL == info) ? 0 : info->header_size;
}

/* Header fields, cookies and query parameters that libmicrohttpd has parsed. */
static inline int
gateway_mhd_value_count (struct MHD_Connection *connection)
{
  return MHD_get_connection_values_n (connection, (enum MHD_ValueKind)
                                      (MHD_HEADER_KIND | MHD_COOKIE_KIND | MHD_GET_ARGUMENT_KIND),
                                      NULL, NULL);
}

/* The connection's socket, -1 if it has none. */
static inline int
gateway_mhd_connection_fd (struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return (NULL == info) ? -1 : info->connect_fd;
}

/* The connection's `gnutls_session_t`, NULL if it is in clear. */
static inline void *
gateway_mhd_tls_session (struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
  return (NULL == info) ? NULL : info->tls_session;
}

/* Seconds of silence after which the connection is closed. */
static inline void
gateway_mhd_set_timeout (struct MHD_Connection *connection,
                         unsigned int seconds)
{
  (void) MHD_set_connection_option (connection, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}

/* The client's address as accept() gave it, NULL if there is none. */
static inline const struct sockaddr *
gateway_mhd_client_address (struct MHD_Connection *connection)
{
  const union MHD_ConnectionInfo *info = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return (NULL == info) ? NULL : info->client_addr;
}

#endif
