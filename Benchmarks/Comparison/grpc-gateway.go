// The reverse proxy that `make compare` measures: grpc-gateway with its defaults and nothing around it.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/runtime"
	// So that details of errors can be printed.
	_ "google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"

	"training"
)

func main() {
	upstream := flag.String("upstream", "", "HOST:PORT of the gRPC server")
	flag.Parse()

	mux := runtime.NewServeMux()
	options := []grpc.DialOption{grpc.WithInsecure()}
	if err := training.RegisterMLTrainingServiceHandlerFromEndpoint(context.Background(), mux, *upstream, options); err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", listener.Addr())
	log.Fatal(http.Serve(listener, mux))
}
