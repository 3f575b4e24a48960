package sluice.virtual.vfiouser;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static sluice.virtual.vfiouser.RawClient.command;
import static sluice.virtual.vfiouser.RawClient.reply;
import static sluice.virtual.vfiouser.RawClient.u32;
import static sluice.virtual.vfiouser.RawClient.u64;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.nvme.DriveAddress;
import sluice.support.agent.AgentRunner;
import sluice.support.linux.Descriptors;
import sluice.support.linux.Events;
import sluice.support.linux.Linux;
import sluice.support.linux.LocalSocket;
import sluice.support.memory.OffHeap;

/** Clients that come and go, in good ways and bad ones, and the socket's file. */
class ServerLifeTest {
  private static final long QUEUES = 0x10_0000;

  @TempDir Path folder;
  private final List<String> log = new ArrayList<>();
  private Path socket;
  private DriveServer server;
  private final int file = Linux.memfd("test", 1 << 20, 0);

  @BeforeEach
  void open() {
    socket = folder.resolve("cntrl");
    server = open("virtual:memory?size=1M&queues=4");
  }

  private DriveServer open(String drive) {
    return DriveServer.open(socket, DriveAddress.parse(drive), System::nanoTime, log::add);
  }

  @AfterEach
  void close() {
    server.close();
    Linux.close(file);
  }

  private RawClient agreed() {
    RawClient client = new RawClient(server);
    client.agree();
    return client;
  }

  private static void done(RawClient client, String hex, int... fds) {
    assertThat(client.ask(hex, fds)).as(hex).matches(".{16}01000000.*");
  }

  private static String write(int region, long offset, String data) {
    return command(6, 10, u64(offset) + u32(region) + u32(data.length() / 2) + data);
  }

  private static String csts(RawClient client) {
    return client.ask(command(5, 9, u64(0x1c) + u32(0) + u32(4))).substring(64);
  }

  /** Maps the file and enables the controller with queues in it. */
  private void enable(RawClient client) {
    done(client, command(3, 2, u32(32) + u32(3) + u64(0) + u64(QUEUES) + u64(1 << 20)), file);
    done(client, write(7, 4, "0604"));
    done(client, write(0, 0x24, "1f001f00"));
    done(client, write(0, 0x28, u64(QUEUES)));
    done(client, write(0, 0x30, u64(QUEUES + 0x1000)));
    done(client, write(0, 0x14, "01004600"));
    assertThat(csts(client)).isEqualTo("01000000");
  }

  @Test
  void theNextClientFindsAFreshController() {
    try (RawClient client = agreed()) {
      enable(client);
    }
    try (RawClient next = agreed()) {
      assertThat(csts(next)).isEqualTo("00000000");
      assertThat(next.ask(command(5, 9, u64(0x24) + u32(0) + u32(20))).substring(64))
          .isEqualTo("00".repeat(20));
      assertThat(next.ask(command(5, 9, u64(4) + u32(7) + u32(2))).substring(64)).isEqualTo("0000");
      enable(next);
    }
    assertThat(log)
        .containsExactly(
            "a client has connected",
            "the client is gone: closed by the client",
            "a client has connected");
  }

  @Test
  void whoSaysNothingDoesNotKeepOthersOut() {
    try (RawClient _ = new RawClient(server);
        RawClient client = agreed()) {
      enable(client);
      assertThat(log)
          .containsExactly(
              "a client has connected",
              "the client is gone: another came before it had said what it speaks",
              "a client has connected");
    }
  }

  @Test
  void whoOnlyLooksWhetherAServerIsThereDropsNobody() {
    try (RawClient client = new RawClient(server)) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> open("virtual:memory?size=1M"))
            .hasMessage("cannot listen at " + socket + ": a server listens there already");
        client.pump();
      }
      client.agree();
      enable(client);
      assertThat(log).containsExactly("a client has connected");
    }
  }

  @Test
  void theLastOfManyWhoSayNothingIsKeptInMind() {
    try (RawClient _ = new RawClient(server)) {
      List<LocalSocket> silent = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        silent.add(LocalSocket.connect(socket));
        try (RawClient other = new RawClient(server)) {
          other.pump();
        }
      }
      silent.forEach(LocalSocket::close);
      try (RawClient client = agreed()) {
        enable(client);
      }
    }
  }

  @Test
  void aClientThatTakesLessThanAPageAtATimeIsRefused() {
    String json = "{\"capabilities\":{\"max_data_xfer_size\":4095}}";
    String body = "00000100" + HexFormat.of().formatHex(json.getBytes(US_ASCII)) + "00";
    try (RawClient client = new RawClient(server)) {
      assertThat(client.ask(command(1, 1, body))).startsWith(RawClient.error(1, 1, 22));
      assertThat(log.getLast())
          .isEqualTo(
              "the client is gone: the client sent that it takes 4095 bytes at a time"
                  + " (max_data_xfer_size); it takes 4096");
    }
  }

  @Test
  void aServerThatStopsDoesNotWaitForAClient() {
    AgentRunner runner = AgentRunner.start(server, server.idle());
    try (LocalSocket client = LocalSocket.connect(socket);
        Arena arena = Arena.ofConfined()) {
      long buffer = arena.allocate(4096, 8).address();
      UnaryOperator<String> ask = hex -> say(client, buffer, hex);
      assertThat(ask.apply(command(1, 1, "00000100"))).startsWith("01000100");
      String _ = ask.apply(command(2, 2, u32(32) + u32(3) + u64(0) + u64(QUEUES) + u64(1 << 20)));
      String _ = ask.apply(write(7, 4, "0604"));
      String _ = ask.apply(write(0, 0x24, "1f001f00"));
      String _ = ask.apply(write(0, 0x28, u64(QUEUES)));
      String _ = ask.apply(write(0, 0x30, u64(QUEUES + 0x1000)));
      String _ = ask.apply(write(0, 0x14, "01004600"));
      while (!ask.apply(command(5, 9, u64(0x1c) + u32(0) + u32(4))).endsWith("01000000")) {
        Thread.onSpinWait();
      }
      String received = ask.apply(write(0, 0x1000, "01000000"));
      // It asks for the command, and waits for it in the drive's turn.
      while (!received.contains("00000b00" + u32(32) + u32(0))) {
        received += receive(client, buffer);
      }
      runner.close();
      assertThat(log.getLast()).isEqualTo("the client is gone: the server stops");
    }
    assertThat(Files.exists(socket)).isFalse();
  }

  private static String say(LocalSocket client, long buffer, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    for (int i = 0; i < bytes.length; i++) {
      OffHeap.putByte(buffer + i, bytes[i]);
    }
    assertThat(client.send(buffer, bytes.length)).isEqualTo(bytes.length);
    return receive(client, buffer);
  }

  private static String receive(LocalSocket client, long buffer) {
    assertThat(client.awaitInput(60_000_000_000L)).isTrue();
    long n = client.receive(buffer, 4096);
    StringBuilder received = new StringBuilder();
    for (int i = 0; i < n; i++) {
      received.append(String.format("%02x", OffHeap.getByte(buffer + i)));
    }
    return received.toString();
  }

  @Test
  void anEventThatAClientMakesBlockStopsNobody() {
    int event = Events.eventfd();
    try (RawClient client = agreed();
        Arena arena = Arena.ofConfined()) {
      enable(client);
      done(client, command(9, 8, u32(20) + u32(0x24) + u32(2) + u32(0) + u32(1)), event);
      Path fdinfo = Path.of("/proc/self/fdinfo/" + event);
      long most = arena.allocate(8, 8).address();
      OffHeap.putLong(most, -2);
      Descriptors.block(event);
      assertThat(Linux.write(event, most, 8)).isEqualTo(8);
      assertThat(fdinfo).content().contains("fffffffffffffffe");
      // A trigger by the client itself raises it, in the server.
      for (int i = 0; i < 3; i++) {
        done(client, command(10, 8, u32(20) + u32(0x21) + u32(2) + u32(0) + u32(1)));
      }
      assertThat(fdinfo).content().contains("ffffffffffffffff");
    }
    Linux.close(event);
  }

  private int doorbells(RawClient client) {
    String asked = u32(64) + u32(0) + u32(0) + u32(0) + u64(0) + u64(0);
    done(client, command(7, 5, asked));
    return client.takeDescriptor();
  }

  @Test
  void aFormerClientHasNoHandOnTheNextOnesDoorbells() {
    int former;
    try (RawClient client = agreed()) {
      former = doorbells(client);
    }
    try (RawClient next = agreed()) {
      enable(next);
      int now = doorbells(next);
      long formers = Linux.mmap(former, 0x1000, 0x1000, false);
      long nexts = Linux.mmap(now, 0x1000, 0x1000, false);
      OffHeap.putInt(formers, 9999);
      assertThat(OffHeap.getInt(nexts)).isZero();
      assertThatThrownBy(() -> Linux.truncate(now, 0)).hasMessageContaining("errno 1");
      Linux.munmap(formers, 0x1000);
      Linux.munmap(nexts, 0x1000);
      Linux.close(former);
      Linux.close(now);
    }
  }

  @Test
  void aSecondClientIsRefusedWhileThereIsOne() {
    try (RawClient client = agreed()) {
      LocalSocket second = LocalSocket.connect(socket);
      client.pump();
      assertThat(log.getLast()).isEqualTo("a second client was refused: there is one already");
      try (Arena arena = Arena.ofConfined()) {
        assertThat(second.receive(arena.allocate(1).address(), 1)).isZero();
      }
      second.close();
      enable(client);
      // Its end and the next one's beginning are seen at one look.
      client.socket.close();
      LocalSocket third = LocalSocket.connect(socket);
      client.pump();
      assertThat(log.subList(log.size() - 2, log.size()))
          .containsExactly("the client is gone: closed by the client", "a client has connected");
      third.close();
    }
  }

  @Test
  void memoryThatIsTakenAwayEndsTheClientAlone() {
    for (int round = 0; round < 3; round++) {
      try (RawClient client = agreed()) {
        Linux.truncate(file, 1 << 20);
        enable(client);
        int fd = doorbells(client);
        long doorbells = Linux.mmap(fd, 0x1000, 0x1000, false);
        Linux.truncate(file, 0);
        OffHeap.putIntRelease(doorbells, 1);
        client.pump();
        assertThat(log.getLast())
            .isEqualTo("the client is gone: the client took memory away that it had shared");
        assertThat(client.receive()).isEqualTo("end");
        Linux.munmap(doorbells, 0x1000);
        Linux.close(fd);
      }
    }
    Linux.truncate(file, 1 << 20);
    try (RawClient next = agreed()) {
      enable(next);
    }
  }

  @Test
  void aFaultThatIsToldLateEndsTheClientAlone() {
    try (RawClient client = agreed()) {
      enable(client);
      assertThat(server.outlives(new InternalError("a fault"))).isTrue();
      assertThat(log.getLast())
          .isEqualTo("the client is gone: the client took memory away that it had shared");
      assertThat(client.receive()).isEqualTo("end");
    }
    assertThat(server.outlives(new InternalError("a fault"))).as("nobody's memory").isFalse();
  }

  @Test
  void aClientThatFailsInTheDrivesTurnIsLeftSoon() {
    try (RawClient client = agreed()) {
      done(client, command(3, 2, u32(32) + u32(3) + u64(0) + u64(QUEUES) + u64(1 << 20)));
      done(client, write(7, 4, "0604"));
      done(client, write(0, 0x24, "1f001f00"));
      done(client, write(0, 0x28, u64(QUEUES)));
      done(client, write(0, 0x30, u64(QUEUES + 0x1000)));
      done(client, write(0, 0x14, "01004600"));
      int fd = doorbells(client);
      long doorbells = Linux.mmap(fd, 0x1000, 0x1000, false);
      client.pump();
      OffHeap.putIntRelease(doorbells, 1);
      client.send(reply(77, 11, ""));
      for (int turn = 0; turn < 3; turn++) {
        server.idle().idle(server.doWork());
      }
      assertThat(log.getLast())
          .isEqualTo("the client is gone: the client answered what it was not asked");
      Linux.munmap(doorbells, 0x1000);
      Linux.close(fd);
    }
  }

  @Test
  void aClientThatGoesWhileItIsAskedForMemory() {
    try (RawClient client = agreed()) {
      done(client, command(3, 2, u32(32) + u32(3) + u64(0) + u64(QUEUES) + u64(1 << 20)));
      done(client, write(7, 4, "0604"));
      done(client, write(0, 0x24, "1f001f00"));
      done(client, write(0, 0x28, u64(QUEUES)));
      done(client, write(0, 0x30, u64(QUEUES + 0x1000)));
      done(client, write(0, 0x14, "01004600"));
      client.send(write(0, 0x1000, "01000000"));
      client.socket.close();
      client.pump();
      assertThat(log.getLast()).startsWith("the client is gone: ");
    }
    try (RawClient next = agreed()) {
      enable(next);
    }
  }

  @Test
  void theSocketsFile() throws IOException {
    assertThatThrownBy(() -> open("virtual:memory?size=1M"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cannot listen at " + socket + ": a server listens there already");
    server.close();
    assertThat(Files.exists(socket)).isFalse();
    LocalSocket.listen(socket).close();
    assertThat(Files.exists(socket)).as("one that was left behind").isTrue();
    server = open("virtual:memory?size=1M");
    server.close();
    Files.writeString(socket, "precious");
    assertThatThrownBy(() -> open("virtual:memory?size=1M"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cannot listen at " + socket + ": there is something else than a socket");
    assertThat(Files.readString(socket)).isEqualTo("precious");
    socket = folder.resolve("nowhere/cntrl");
    assertThatThrownBy(() -> open("virtual:memory?size=1M"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there is no folder");
    socket = folder.resolve("second");
    assertThatThrownBy(() -> open("virtual:memory"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs its size");
    assertThat(Files.exists(socket)).isFalse();
  }
}
