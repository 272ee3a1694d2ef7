// A real kube-apiserver with an embedded etcd, for tests: no controller manager, no scheduler, no kubelet.
package main

import (
	"flag"
	"fmt"
	"net/url"
	"os"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	data := flag.String("etcd-data", "", "folder of etcd's data")
	client := flag.String("etcd-client", "", "http://127.0.0.1:PORT for the API server")
	peer := flag.String("etcd-peer", "", "http://127.0.0.1:PORT, unused but wanted")
	flag.Parse()
	if err := run(*data, *client, *peer, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run starts etcd, then the API server with the arguments that are left, until a signal ends it.
func run(data, client, peer string, args []string) error {
	config := embed.NewConfig()
	config.Dir = data
	config.LogLevel = "error"
	// What is lost with the machine is a test's.
	config.UnsafeNoFsync = true
	clients, err := url.Parse(client)
	if err != nil {
		return err
	}
	peers, err := url.Parse(peer)
	if err != nil {
		return err
	}
	config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{*clients}, []url.URL{*clients}
	config.ListenPeerUrls, config.AdvertisePeerUrls = []url.URL{*peers}, []url.URL{*peers}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return err
	}
	defer etcd.Close()
	<-etcd.Server.ReadyNotify()
	command := app.NewAPIServerCommand()
	command.SetArgs(append(args, "--etcd-servers="+client))
	// It ends by itself on a signal.
	return command.Execute()
}
