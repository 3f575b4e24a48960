package sluice.virtual.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.virtual.vfiouser.RawClient.command;
import static sluice.virtual.vfiouser.RawClient.error;
import static sluice.virtual.vfiouser.RawClient.reply;
import static sluice.virtual.vfiouser.RawClient.u32;
import static sluice.virtual.vfiouser.RawClient.u64;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.nvme.DriveAddress;
import sluice.support.linux.Events;
import sluice.support.linux.Linux;
import sluice.support.memory.OffHeap;

/** Messages byte by byte, and what comes back: those of SPDK's client in its order, and others. */
class ConversationTest {
  private static final int ENOENT = 2;
  private static final int EEXIST = 17;
  private static final int EINVAL = 22;

  @TempDir Path folder;
  private final List<String> log = new ArrayList<>();
  private DriveServer server;
  private RawClient client;
  private final int file = Linux.memfd("test", 1 << 20, 0);
  private final int event = Events.eventfd();

  @BeforeEach
  void open() {
    DriveAddress drive = DriveAddress.parse("virtual:memory?size=1M&queues=4");
    server = DriveServer.open(folder.resolve("cntrl"), drive, System::nanoTime, log::add);
    client = new RawClient(server);
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
    Linux.close(file);
    Linux.close(event);
  }

  private static String text(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII)) + "00";
  }

  private static long openDescriptors() {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String map(int flags, long offset, long iova, long size) {
    return command(3, 2, u32(32) + u32(flags) + u64(offset) + u64(iova) + u64(size));
  }

  private static String unmap(int flags, long iova, long size) {
    return command(4, 3, u32(24) + u32(flags) + u64(iova) + u64(size));
  }

  private static String read(int region, long offset, int count) {
    return command(5, 9, u64(offset) + u32(region) + u32(count));
  }

  private static String readReply(int region, long offset, String data) {
    return reply(5, 9, u64(offset) + u32(region) + u32(data.length() / 2) + data);
  }

  private static String write(int region, long offset, String data) {
    return command(6, 10, u64(offset) + u32(region) + u32(data.length() / 2) + data);
  }

  private static String writeReply(int region, long offset, int count) {
    return reply(6, 10, u64(offset) + u32(region) + u32(count));
  }

  @Test
  void whatSpdksClientSays() {
    String capabilities =
        "{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":1048576,"
            + "\"max_dma_maps\":32768,\"pgsizes\":4096}}";
    assertThat(client.ask("0100 0100 14000000 00000000 00000000 0000 0100"))
        .isEqualTo(reply(1, 1, "00000100" + text(capabilities)));
    assertThat(client.ask(command(2, 4, u32(16) + u32(0) + u32(0) + u32(0))))
        .as("resets, PCI; 9 regions, 5 interrupts")
        .isEqualTo(reply(2, 4, u32(16) + u32(3) + u32(9) + u32(5)));
    for (int region = 0; region < 9; region++) {
      String info = u32(region == 0 ? 64 : 32);
      String fixed =
          switch (region) {
            case 0 -> u32(0xf) + u32(0) + u32(32) + u64(0x2000) + u64(0);
            case 4 -> u32(3) + u32(4) + u32(0) + u64(0x2000) + u64(0);
            case 7 -> u32(3) + u32(7) + u32(0) + u64(0x1000) + u64(0);
            default -> u32(0) + u32(region) + u32(0) + u64(0) + u64(0);
          };
      String sparse =
          region == 0
              ? "0100 0100".replace(" ", "") + u32(0) + u32(1) + u32(0) + u64(0x1000) + u64(0x1000)
              : "";
      String asked = u32(4096) + u32(0) + u32(region) + u32(0) + u64(0) + u64(0);
      assertThat(client.ask(command(7, 5, asked))).isEqualTo(reply(7, 5, info + fixed + sparse));
      assertThat(client.descriptors()).isEqualTo(1);
    }
    int doorbells = client.takeDescriptor();
    assertThat(client.ask(map(3, 0, 0x10_0000, 0x10_0000), file)).isEqualTo(reply(3, 2, ""));
    assertThat(client.ask(read(7, 4, 2))).isEqualTo(readReply(7, 4, "0000"));
    assertThat(client.ask(write(7, 4, "0404"))).isEqualTo(writeReply(7, 4, 2));
    assertThat(client.ask(read(7, 0, 8))).isEqualTo(readReply(7, 0, "34121c5104041000"));
    assertThat(client.ask(read(0, 0, 8))).as("CAP").isEqualTo(readReply(0, 0, "ff03010f20004000"));
    assertThat(client.ask(read(0, 8, 4))).as("VS").isEqualTo(readReply(0, 8, "00040100"));
    assertThat(client.ask(write(0, 0x24, "1f001f00"))).isEqualTo(writeReply(0, 0x24, 4));
    assertThat(client.ask(write(0, 0x28, u64(0x10_0000)))).isEqualTo(writeReply(0, 0x28, 8));
    assertThat(client.ask(write(0, 0x30, u64(0x10_1000)))).isEqualTo(writeReply(0, 0x30, 8));
    assertThat(client.ask(write(0, 0x14, "01004600"))).isEqualTo(writeReply(0, 0x14, 4));
    assertThat(client.ask(read(0, 0x1c, 4))).as("ready").isEqualTo(readReply(0, 0x1c, "01000000"));

    identify(doorbells);

    assertThat(client.ask(write(0, 0x14, "01404600"))).isEqualTo(writeReply(0, 0x14, 4));
    assertThat(client.ask(read(0, 0x1c, 4))).as("shut").isEqualTo(readReply(0, 0x1c, "09000000"));
    assertThat(client.ask(unmap(0, 0x10_0000, 0x10_0000)))
        .isEqualTo(reply(4, 3, u32(24) + u32(0) + u64(0x10_0000) + u64(0x10_0000)));
    client.socket.close();
    client.pump();
    assertThat(log)
        .containsExactly("a client has connected", "the client is gone: closed by the client");
  }

  /** By memory alone: an entry, a doorbell, an entry, and the event of vector 0. */
  private void identify(int doorbells) {
    assertThat(client.ask(command(8, 8, u32(20) + u32(0x24) + u32(2) + u32(0) + u32(1)), event))
        .isEqualTo(reply(8, 8, ""));
    long memory = Linux.mmap(file, 0, 1 << 20, false);
    long doorbell = Linux.mmap(doorbells, 0x1000, 0x1000, false);
    OffHeap.putInt(memory, 0x0007_0006);
    OffHeap.putLong(memory + 24, 0x10_2000);
    OffHeap.putInt(memory + 40, 1);
    OffHeap.putIntRelease(doorbell, 1);
    client.pump();
    assertThat(Events.awaitAny(event)).isZero();
    assertThat(OffHeap.getInt(memory + 0x1000 + 12)).as("id, phase").isEqualTo(0x0001_0007);
    assertThat(OffHeap.getInt(memory + 0x2000)).as("vendor").isEqualTo(0x1234_1234);
    Linux.munmap(memory, 1 << 20);
    Linux.munmap(doorbell, 0x1000);
  }

  @Test
  void versions() {
    String older = text("{\"capabilities\":{\"max_msg_fds\":8}}");
    assertThat(client.ask(command(1, 1, "00000000" + older)))
        .contains("0100000000000000000000007b");
    reconnect();
    assertThat(client.ask(command(1, 1, "00000900"))).contains("00000100" + "7b");
    reconnect();
    String twin =
        text("{\"capabilities\":{\"twin_socket\":{\"supported\":true},\"write_multiple\":true}}");
    String answer = client.ask(command(1, 1, "00000100" + twin));
    String json =
        new String(HexFormat.of().parseHex(answer.substring(40)), StandardCharsets.US_ASCII);
    assertThat(json)
        .contains("\"twin_socket\":{\"supported\":true,\"fd_index\":0}")
        .contains("\"write_multiple\":true");
    assertThat(client.descriptors()).isEqualTo(1);
  }

  private void reconnect() {
    client.close();
    client.pump();
    client = new RawClient(server);
  }

  @Test
  void whatEndsTheConnection() {
    String[][] cases = {
      {command(1, 4, u32(16) + u32(0) + u32(0) + u32(0)), "began with DEVICE_GET_INFO"},
      {command(1, 1, "01000000"), "sent version 1.0"},
      {command(1, 1, "00000100" + text("{\"capabilities\":")), "capabilities that are no JSON"},
      {command(1, 1, "00000100" + "7b7d"), "do not end with a zero byte"},
      {command(1, 1, ""), "a version of 0 bytes"},
      {"01000100 0f000000 00000000 00000000", "a message of 15 bytes"},
      {"01000100 ffffff7f 00000000 00000000", "a message of 2147483647 bytes"},
      {"01000100 14000000 02000000 00000000 00000000", "neither command nor reply"},
      {reply(1, 1, "00000100"), "answered what it was not asked"},
    };
    for (String[] each : cases) {
      client.send(each[0]);
      client.pump();
      String answer = client.receive();
      assertThat(answer.equals("end") || client.receive().equals("end")).as(each[1]).isTrue();
      assertThat(log.getLast()).contains(each[1]);
      reconnect();
    }
  }

  @Test
  void whatIsRefused() {
    client.agree();
    String[][] refused = {
      {command(9, 99, ""), "95"},
      {command(9, 14, ""), "95"},
      {command(9, 11, u64(0) + u64(8)), "95"},
      {command(9, 16, u32(8) + u32(1)), "95"},
      {command(9, 17, u32(8) + u32(8)), "95"},
      {command(9, 1, "00000100"), "22"},
      {command(9, 4, u32(15) + u32(0) + u32(0) + u32(0)), "22"},
      {command(9, 4, u32(16)), "22"},
      {command(9, 5, u32(31) + u32(0) + u32(0) + u32(0) + u64(0) + u64(0)), "22"},
      {command(9, 5, u32(32) + u32(0) + u32(9) + u32(0) + u64(0) + u64(0)), "22"},
      {command(9, 5, u32(32) + u32(0) + u32(-1) + u32(0) + u64(0) + u64(0)), "22"},
      {command(9, 6, u32(16) + u32(0) + u32(9) + u32(0)), "22"},
      {command(9, 7, u32(16) + u32(0) + u32(5) + u32(0)), "22"},
      {command(9, 9, u64(0x2000) + u32(0) + u32(4)), "22"},
      {command(9, 9, u64(-4) + u32(0) + u32(4)), "22"},
      {command(9, 9, u64(0) + u32(1) + u32(4)), "22"},
      {command(9, 9, u64(0) + u32(7) + u32(0)), "22"},
      {command(9, 9, u64(0) + u32(0) + u32(-1)), "22"},
      {command(9, 10, u64(0x14) + u32(0) + u32(4) + "0100"), "22"},
      {command(9, 10, u64(0x14) + u32(0) + u32(2) + "0100"), "22"},
      {command(9, 10, u64(0x15) + u32(0) + u32(4) + u32(0)), "22"},
      {command(9, 2, u32(32) + u32(3) + u64(0) + u64(0x800) + u64(0x1000)), "22"},
      {command(9, 2, u32(32) + u32(0) + u64(0) + u64(0) + u64(0x1000)), "22"},
      {command(9, 2, u32(32) + u32(7) + u64(0) + u64(0) + u64(0x1000)), "22"},
      {command(9, 2, u32(32) + u32(3) + u64(0) + u64(-4096) + u64(0x1000)), "22"},
      {command(9, 2, u32(32) + u32(3) + u64(0) + u64(0)), "22"},
      {command(9, 3, u32(24) + u32(0) + u64(0) + u64(0x1000)), "2"},
      {command(9, 3, u32(24) + u32(1) + u64(0) + u64(0x1000)), "22"},
      {command(9, 3, u32(24) + u32(2) + u64(0) + u64(0x1000)), "22"},
      {command(9, 15, u64(1) + u64(0) + u32(7)), "22"},
    };
    for (String[] each : refused) {
      int command = Integer.parseInt(each[0].substring(4, 6), 16);
      assertThat(client.ask(each[0]))
          .as(each[0])
          .isEqualTo(error(9, command, Integer.parseInt(each[1])));
    }
  }

  @Test
  void memory() {
    client.agree();
    long before = openDescriptors();
    assertThat(client.ask(map(3, 0, 0x1000, 0x2000), file)).isEqualTo(reply(3, 2, ""));
    assertThat(openDescriptors()).as("the descriptor is closed").isEqualTo(before);
    assertThat(client.ask(map(3, 0, 0x2000, 0x1000), file)).isEqualTo(error(3, 2, EEXIST));
    assertThat(client.ask(map(1, 0, 0, 0x1001000))).isEqualTo(error(3, 2, EEXIST));
    assertThat(client.ask(map(3, 0xff000, 0x10000, 0x1000), file)).isEqualTo(reply(3, 2, ""));
    assertThat(client.ask(map(3, 0xff000, 0x20000, 0x2000), file))
        .as("behind the end of the file")
        .isEqualTo(error(3, 2, EINVAL));
    assertThat(client.ask(map(3, 0, 0x20000, 0x1000), event)).isEqualTo(error(3, 2, EINVAL));
    assertThat(client.ask(map(3, 0, 0x20000, 0x1000), file, file)).isEqualTo(error(3, 2, EINVAL));
    assertThat(client.ask(map(1, 0, 0x20000, 1L << 40)))
        .as("by messages")
        .isEqualTo(reply(3, 2, ""));
    assertThat(client.ask(unmap(0, 0x1000, 0x1000))).isEqualTo(error(4, 3, ENOENT));
    assertThat(client.ask(unmap(0, 0x2000, 0x1000))).isEqualTo(error(4, 3, ENOENT));
    assertThat(client.ask(unmap(0, 0x1000, 0x2000))).startsWith("040003002800000001000000");
    assertThat(client.ask(unmap(2, 0, 0))).startsWith("040003002800000001000000");
    for (int page = 1; page < 5; page++) {
      assertThat(client.ask(map(3, 0, page * 0x1000L, 0x1000), file)).isEqualTo(reply(3, 2, ""));
    }
    assertThat(client.ask(unmap(0, 0x2000, 0x2000)))
        .as("several regions")
        .startsWith("040003002800000001000000");
    assertThat(client.ask(unmap(0, 0x2000, 0x2000))).isEqualTo(error(4, 3, ENOENT));
    assertThat(client.ask(map(3, 0, 0x2000, 0x2000), file)).isEqualTo(reply(3, 2, ""));
    assertThat(client.ask(unmap(0, 0x1000, 0x2000))).as("a part").isEqualTo(error(4, 3, ENOENT));
    assertThat(client.ask(unmap(0, 0x3000, 0x2000))).as("a part").isEqualTo(error(4, 3, ENOENT));
    assertThat(client.ask(unmap(0, 0x1000, -0x800)))
        .as("beyond the last address")
        .isEqualTo(error(4, 3, EINVAL));
    assertThat(client.ask(unmap(0, 0x1000, -0x1000)))
        .as("all that is left")
        .startsWith("040003002800000001000000");
    assertThat(client.ask(map(3, 0, 0x1000, 0x100000), file)).isEqualTo(reply(3, 2, ""));
    int readOnly = Linux.open("/proc/self/fd/" + file, Linux.O_RDONLY);
    assertThat(client.ask(map(3, 0, 0x200000, 0x1000), readOnly)).isEqualTo(error(3, 2, 13));
    assertThat(client.ask(map(1, 0, 0x200000, 0x1000), readOnly)).isEqualTo(reply(3, 2, ""));
    Linux.close(readOnly);
    assertThat(openDescriptors()).isEqualTo(before);
  }

  @Test
  void registersInAnyWidth() {
    client.agree();
    assertThat(client.ask(read(0, 1, 1))).isEqualTo(readReply(0, 1, "03"));
    assertThat(client.ask(read(0, 2, 4))).isEqualTo(readReply(0, 2, "010f2000"));
    assertThat(client.ask(read(7, 0, 0x1000))).hasSize(2 * (16 + 16 + 0x1000));
    assertThat(client.ask(read(7, 0xe, 5))).isEqualTo(readReply(7, 0xe, "0000040000"));
    assertThat(client.ask(write(7, 0x3c, "0b"))).isEqualTo(writeReply(7, 0x3c, 1));
    assertThat(client.ask(write(7, 0x0b, "ff10ffffffff"))).isEqualTo(writeReply(7, 0x0b, 6));
    assertThat(client.ask(read(7, 0x08, 12)))
        .isEqualTo(readReply(7, 0x08, "000208011000000004e0ff00".replace("e0ff00", "000000")));
    assertThat(client.ask(write(7, 0x10, "ffffffff"))).isEqualTo(writeReply(7, 0x10, 4));
    assertThat(client.ask(read(7, 0x10, 4))).isEqualTo(readReply(7, 0x10, "04e0ffff"));
    assertThat(client.ask(write(4, 0x10, u64(0x1234_5678_9abc_def0L) + u64(0x1_0000_0002L))))
        .isEqualTo(writeReply(4, 0x10, 16));
    assertThat(client.ask(read(4, 0x18, 8))).isEqualTo(readReply(4, 0x18, u64(0x1_0000_0002L)));
    assertThat(client.ask(read(4, 0x1000, 8))).isEqualTo(readReply(4, 0x1000, u64(0)));
    String multiple =
        u64(2)
            + (u64(0x24) + u32(0) + u32(4) + u64(0x001f_001f))
            + (u64(0x28) + u32(0) + u32(8) + u64(0xabcd000));
    assertThat(client.ask(command(9, 15, multiple))).isEqualTo(reply(9, 15, u64(2)));
    assertThat(client.ask(read(0, 0x24, 12)))
        .isEqualTo(readReply(0, 0x24, u32(0x001f_001f) + u64(0xabcd000)));
    assertThat(client.ask(command(9, 13, ""))).isEqualTo(reply(9, 13, ""));
    assertThat(client.ask(read(0, 0x24, 12))).isEqualTo(readReply(0, 0x24, u32(0) + u64(0)));
  }

  @Test
  void aRegionsCapabilityNeedsRoom() {
    client.agree();
    String asked = u32(63) + u32(0) + u32(0) + u32(0) + u64(0) + u64(0);
    assertThat(client.ask(command(7, 5, asked)))
        .isEqualTo(reply(7, 5, u32(64) + u32(3) + u32(0) + u32(0) + u64(0x2000) + u64(0)));
    assertThat(client.descriptors()).isZero();
    assertThat(client.ask(command(7, 6, u32(64) + u32(0) + u32(0) + u32(0))))
        .as("no events for doorbells")
        .isEqualTo(reply(7, 6, u32(16) + u32(0) + u32(0) + u32(0)));
  }

  @Test
  void noReplyWhereNoneIsWanted() {
    client.agree();
    client.send("0600 0a00 24000000 10000000 00000000" + u64(0x24) + u32(0) + u32(4) + u32(7));
    client.send("0600 6300 10000000 10000000 00000000");
    assertThat(client.ask(read(0, 0x24, 4))).isEqualTo(readReply(0, 0x24, u32(7)));
  }

  private String setIrqs(int flags, int index, int start, int count, String data, int... fds) {
    String body = u32(20) + u32(flags) + u32(index) + u32(start) + u32(count) + data;
    String answer = client.ask(command(8, 8, body), fds);
    return answer.equals(reply(8, 8, "")) ? "done" : answer;
  }

  private boolean takeEvent(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      return Linux.read(fd, arena.allocate(8, 8).address(), 8) == 8;
    }
  }

  @Test
  void interrupts() {
    client.agree();
    String refused = error(8, 8, EINVAL);
    int[] counts = {0, 0, 5, 1, 0};
    for (int index = 0; index < 5; index++) {
      assertThat(client.ask(command(8, 7, u32(16) + u32(0) + u32(index) + u32(0))))
          .isEqualTo(
              reply(
                  8,
                  7,
                  u32(16) + u32(counts[index] > 0 ? 1 : 0) + u32(index) + u32(counts[index])));
    }
    int second = Events.eventfd();
    long before = openDescriptors();
    assertThat(setIrqs(0x24, 2, 0, 2, "", event, second)).isEqualTo("done");
    assertThat(openDescriptors()).isEqualTo(before + 2);
    assertThat(setIrqs(0x21, 2, 0, 5, "")).as("trigger all").isEqualTo("done");
    assertThat(takeEvent(event)).isTrue();
    assertThat(takeEvent(second)).isTrue();
    assertThat(setIrqs(0x22, 2, 0, 2, "0001")).as("trigger the second").isEqualTo("done");
    assertThat(takeEvent(event)).isFalse();
    assertThat(takeEvent(second)).isTrue();
    assertThat(setIrqs(0x09, 2, 1, 1, "")).as("mask").isEqualTo("done");
    assertThat(setIrqs(0x21, 2, 1, 1, "")).isEqualTo("done");
    assertThat(takeEvent(second)).isFalse();
    assertThat(setIrqs(0x11, 2, 1, 1, "")).as("unmask what pends").isEqualTo("done");
    assertThat(takeEvent(second)).isTrue();
    assertThat(setIrqs(0x24, 2, 1, 4, "")).as("none for 1 to 4").isEqualTo("done");
    assertThat(openDescriptors()).isEqualTo(before + 1);
    assertThat(setIrqs(0x24, 2, 0, 3, u32(-1) + u32(0) + u32(1), event, second))
        .as("as the kernel's VFIO has it")
        .isEqualTo("done");
    assertThat(setIrqs(0x21, 2, 0, 5, "")).isEqualTo("done");
    assertThat(takeEvent(event)).isTrue();
    assertThat(setIrqs(0x21, 0, 0, 0, "")).as("all of another kind away").isEqualTo("done");
    assertThat(setIrqs(0x21, 2, 0, 5, "")).isEqualTo("done");
    assertThat(takeEvent(event)).isTrue();
    assertThat(setIrqs(0x21, 2, 0, 0, "")).as("all away").isEqualTo("done");
    assertThat(openDescriptors()).isEqualTo(before);
    assertThat(setIrqs(0x24, 3, 0, 1, "", event)).as("errors").isEqualTo("done");
    assertThat(setIrqs(0x21, 3, 0, 1, "")).isEqualTo("done");
    assertThat(setIrqs(0x24, 3, 0, 1, "")).isEqualTo("done");
    assertThat(setIrqs(0x21, 3, 0, 0, "")).isEqualTo("done");
    assertThat(takeEvent(event)).isFalse();
    assertThat(openDescriptors()).isEqualTo(before);
    assertThat(setIrqs(0x24, 3, 0, 1, "", file)).as("no event").isEqualTo(refused);
    assertThat(setIrqs(0x24, 3, 0, 2, "", event, second)).isEqualTo(refused);
    assertThat(setIrqs(0x24, 2, 4, 2, "", event, second)).isEqualTo(refused);
    assertThat(setIrqs(0x24, 2, 0, 2, "", event)).isEqualTo(refused);
    assertThat(setIrqs(0x24, 2, 0, 1, "", file)).as("no event").isEqualTo(refused);
    assertThat(setIrqs(0x24, 2, -1, 1, "", event)).isEqualTo(refused);
    assertThat(setIrqs(0x24, 2, 1, 0x7fffffff, "", event)).isEqualTo(refused);
    assertThat(setIrqs(0x24, 0, 0, 1, "", event)).isEqualTo(refused);
    assertThat(setIrqs(0x25, 2, 0, 1, "", event)).isEqualTo(refused);
    assertThat(setIrqs(0x04, 2, 0, 1, "", event)).isEqualTo(refused);
    assertThat(setIrqs(0x22, 2, 0, 3, "0001")).isEqualTo(refused);
    assertThat(openDescriptors()).isEqualTo(before);
    Linux.close(second);
  }
}
