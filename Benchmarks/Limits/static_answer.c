/* The least that an answer of libmicrohttpd costs: the same bytes to every request, one thread, epoll.
 *
 * usage: static-answer STATUS FILE    FILE has the content; ends on SIGTERM or SIGINT.
 */
#include <microhttpd.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct MHD_Response *response;
static unsigned int status;
static int seen;

static enum MHD_Result answer(void *unused, struct MHD_Connection *connection, const char *target, const char *method,
                              const char *version, const char *body, size_t *body_size, void **request) {
    (void)unused, (void)target, (void)method, (void)version, (void)body;
    /* The first call has the header alone: it is to go on. */
    if (*request == NULL) {
        *request = &seen;
        return MHD_YES;
    }
    /* Some of the request's content, which is not looked at. */
    if (*body_size != 0) {
        *body_size = 0;
        return MHD_YES;
    }
    return MHD_queue_response(connection, status, response);
}

static void *content(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) return NULL;
    long end = ftell(file);
    rewind(file);
    char *bytes = end < 0 ? NULL : malloc((size_t)end + 1);
    if (bytes == NULL) return NULL;
    *size = fread(bytes, 1, (size_t)end, file);
    fclose(file);
    return *size == (size_t)end ? bytes : NULL;
}

int main(int count, char **arguments) {
    size_t size = 0;
    void *bytes = count == 3 ? content(arguments[2], &size) : NULL;
    if (bytes == NULL) {
        fprintf(stderr, "usage: %s STATUS FILE\n", arguments[0]);
        return 2;
    }
    status = (unsigned int)atoi(arguments[1]);
    response = MHD_create_response_from_buffer(size, bytes, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/json");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");

    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    /* The daemon's thread inherits this, so that they come to `sigwait` alone. */
    pthread_sigmask(SIG_BLOCK, &stop, NULL);

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, NULL,
                                                 MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
                                                 MHD_OPTION_CONNECTION_LIMIT, 16384u, MHD_OPTION_END);
    if (daemon == NULL) {
        fprintf(stderr, "libmicrohttpd does not start\n");
        return 1;
    }
    printf("listening on 127.0.0.1:%d\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    int signal;
    sigwait(&stop, &signal);
    MHD_stop_daemon(daemon);
    MHD_destroy_response(response);
    free(bytes);
    return 0;
}
