package sluice.qemu.fabrics;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import sluice.qemu.guest.Guest;
import sluice.qemu.guest.GuestMachine;

/** A guest whose kernel serves a file of its memory by NVMe over TCP. */
final class KernelTarget implements AutoCloseable {
  static final String NQN = "nqn.2024-01.org.sluice:kernel";
  static final int MIB = 64;

  private final int port;
  private final Guest guest;

  private KernelTarget(int port, Guest guest) {
    this.port = port;
    this.guest = guest;
  }

  /** Boots it; it listens when it is there. */
  static KernelTarget start() throws IOException {
    int port = freePort();
    Guest guest =
        Guest.boot(
            new GuestMachine()
                .module("virtio-pci")
                .module("virtio-net")
                .module("nvmet-tcp")
                .qemuArguments(
                    "-netdev",
                    "user,id=net,hostfwd=tcp:127.0.0.1:" + port + "-:4420",
                    "-device",
                    "virtio-net-pci,netdev=net"));
    KernelTarget target = new KernelTarget(port, guest);
    try {
      target.setUp();
      target.listen();
      return target;
    } catch (RuntimeException e) {
      guest.close();
      throw e;
    }
  }

  private void setUp() {
    String _ =
        guest.check(
            """
            set -e
            ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
            mount -t configfs none /sys/kernel/config
            truncate -s %2$dM /dev/shm/disk
            cd /sys/kernel/config/nvmet
            mkdir subsystems/%1$s
            echo 1 >subsystems/%1$s/attr_allow_any_host
            mkdir subsystems/%1$s/namespaces/1
            echo -n /dev/shm/disk >subsystems/%1$s/namespaces/1/device_path
            echo 1 >subsystems/%1$s/namespaces/1/buffered_io
            echo 1 >subsystems/%1$s/namespaces/1/enable
            mkdir ports/1
            echo tcp >ports/1/addr_trtype
            echo ipv4 >ports/1/addr_adrfam
            echo 0.0.0.0 >ports/1/addr_traddr
            echo 4420 >ports/1/addr_trsvcid
            """
                .formatted(NQN, MIB));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Takes connections from now on. */
  void listen() {
    String _ =
        guest.check("ln -s " + path("subsystems/" + NQN) + " " + path("ports/1/subsystems/"));
  }

  /** Ends all connections, and takes none any more. */
  void stop() {
    String _ = guest.check("rm " + path("ports/1/subsystems/" + NQN));
  }

  private static String path(String name) {
    return "/sys/kernel/config/nvmet/" + name;
  }

  int port() {
    return port;
  }

  String address() {
    return "tcp://127.0.0.1:" + port + "/" + NQN;
  }

  Guest guest() {
    return guest;
  }

  /** What the guest's kernel has complained of, but for names that it does not have. */
  String complaints() {
    return guest.check(
        "dmesg -r | grep '^<[0-4]>' | grep -i nvme | grep -v 'invalid subsystem' || true");
  }

  @Override
  public void close() {
    guest.close();
  }
}
