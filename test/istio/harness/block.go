package harness

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// block hands out the addresses of one loopback block, 127.<second>.0.0/16.
type block struct {
	second int
	pods   int
	vips   int
}

// lockPort is listened on at 127.<second>.0.1 for as long as a block is in use: whoever finds it taken looks
// further.
const lockPort = 15999

// newBlock reserves a free block until the test ends.
func newBlock(t testing.TB) *block {
	t.Helper()
	start := rand.IntN(200)
	for i := range 200 {
		second := 40 + (start+i)%200
		lock, err := net.Listen("tcp", fmt.Sprintf("127.%d.0.1:%d", second, lockPort))
		if err != nil {
			continue
		}
		t.Cleanup(func() { lock.Close() })
		return &block{second: second}
	}
	t.Fatal("no free loopback block in 127.40.0.0 to 127.239.0.0")
	return nil
}

// podAddresses are the addresses that one pod uses. A pod of a real cluster has one and an iptables rule
// instead.
type podAddresses struct {
	pod      string // what the EndpointSlice names
	outbound string // where the pod's application finds its sidecar
	admin    string // Envoy's admin interface
}

func (b *block) nextPod() podAddresses {
	b.pods++
	high, low := b.pods/250, b.pods%250+1
	at := func(group int) string { return fmt.Sprintf("127.%d.%d.%d", b.second, group+high, low) }
	return podAddresses{pod: at(10), outbound: at(60), admin: at(110)}
}

// nextVIP gives a service one virtual IP for each cluster, as clusters with networks of their own do.
func (b *block) nextVIP() (first, second string) {
	b.vips++
	return fmt.Sprintf("10.1.%d.%d", b.vips/250, b.vips%250+1), fmt.Sprintf("10.2.%d.%d", b.vips/250, b.vips%250+1)
}

// freePort asks the kernel for a port that is free on every address.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
