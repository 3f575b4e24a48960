package sluice.virtual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.IoQueue;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.Cap;
import sluice.vfio.DmaMemory;
import sluice.virtual.array.CacheStatistics;

class VirtualDriveProviderTest {
  @TempDir Path folder;

  private static NvmeController open(String address) {
    return Drives.open(DriveAddress.parse(address), ControllerOptions.defaults());
  }

  private String file(String options) {
    return "virtual:" + folder.resolve("d.img") + options;
  }

  @Test
  void createsASparseFileAndOpensItAgain() throws IOException {
    Path image = folder.resolve("d.img");
    String serial;
    try (NvmeController controller = open(file("?size=4G&lba=4096"))) {
      assertThat(controller.namespace(1).bytes()).isEqualTo(4L << 30);
      assertThat(controller.namespace(1).blockSize()).isEqualTo(4096);
      serial = controller.identify().sn();
      assertThat(Files.size(image)).isEqualTo(4L << 30);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> open(file("")))
          .withMessage(image + " is in use by another drive or process");
    }
    try (NvmeController controller = open(file("?size=4G"))) {
      assertThat(controller.namespace(1).blockSize()).isEqualTo(512);
      assertThat(controller.identify().sn()).isEqualTo(serial);
    }
    try (NvmeController controller = open(file(""))) {
      assertThat(controller.namespace(1).bytes()).isEqualTo(4L << 30);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open(file("?size=2G")))
        .withMessage(
            image
                + " has 4294967296 bytes, but size= says 2147483648; leave size= out to use it as"
                + " it is");
  }

  @Test
  void settings() {
    String address = "virtual:memory?size=64M&mqes=128&queues=3&mdts=6&dstrd=1&shadow=yes&ns=2";
    try (NvmeController controller = open(address)) {
      assertThat(Cap.mqes(controller.capabilities())).isEqualTo(127);
      assertThat(Cap.dstrd(controller.capabilities())).isEqualTo(1);
      assertThat(controller.maxIoQueues()).isEqualTo(3);
      assertThat(controller.identify().mdts()).isEqualTo(6);
      assertThat(PcieTransport.of(controller).orElseThrow().usesShadowDoorbells()).isTrue();
      assertThat(controller.namespaces()).hasSize(2);
      assertThat(controller.namespace(2).bytes()).isEqualTo(32L << 20);
    }
    try (NvmeController controller = open("virtual:null?size=4G&ns=1G,3G&thread=own")) {
      assertThat(controller.namespace(1).bytes()).isEqualTo(1L << 30);
      assertThat(controller.namespace(2).bytes()).isEqualTo(3L << 30);
      assertThat(PcieTransport.of(controller).orElseThrow().usesShadowDoorbells()).isFalse();
    }
  }

  @Test
  void aPersonalityFromAFileAndTheAddress() throws IOException {
    Path personality = folder.resolve("p.properties");
    Files.writeString(personality, "temperature=40C\nwarning=50C\n");
    String address = "virtual:null?size=1G&temperature=45C&personality=" + personality;
    try (NvmeController controller = open(address)) {
      assertThat(controller.admin().smartLog().compositeTemperature()).isEqualTo(318);
      assertThat(controller.identify().wctemp()).isEqualTo(323);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "virtual: | a virtual drive needs a file's path, memory or null",
        "virtual:memory | virtual:memory needs its size; add ?size=1G",
        "virtual:null?lba=4096 | virtual:null?lba=4096 needs its size; add ?size=1G",
        "virtual:memory?size=x | bad size \"x\": write a size as 4096, 128K, 1.5GiB or 400MB",
        "virtual:memory?size=0 | size=0: must be whole blocks of 512 bytes",
        "virtual:memory?size=1000 | size=1000: must be whole blocks of 512 bytes",
        "virtual:memory?size=512&lba=4096 | size=512: must be whole blocks of 4096 bytes",
        "virtual:memory?size=1M&lba=1024 | lba=1024: must be 512 or 4096",
        "virtual:memory?size=1M&lba=x | lba=x: must be a number",
        "virtual:memory?size=1M&mqes=1 | mqes=1: must be 2 to 32768",
        "virtual:memory?size=1M&queues=256 | queues=256: must be 1 to 255",
        "virtual:memory?size=1M&mdts=13 | mdts=13: must be 0 to 12, the power of two of pages of 4"
            + " KiB",
        "virtual:memory?size=1M&dstrd=9 | dstrd=9: must be 0 to 8",
        "virtual:memory?size=1M&shadow=maybe | shadow=maybe: must be one of yes, no",
        "virtual:memory?size=1M&thread=two | thread=two: must be one of own, shared, auto",
        "virtual:memory?size=1M&ns=0 | ns=0: must be 1 to 16",
        "virtual:memory?size=1024&ns=3 | ns=3: must be fewer: a namespace has a block at least, and"
            + " the drive has 1024 bytes",
        "virtual:memory?size=1M&ns=1M,1M | ns=[1048576, 1048576]: must be smaller: the drive has"
            + " 1048576 bytes",
        "virtual:memory?size=1M&pause=1ms | pause=1ms: needs every= too",
        "virtual:memory?size=1M&cache=x | bad size \"x\": write a size as 4096, 128K, 1.5GiB or"
            + " 400MB",
        "virtual:memory?size=1M&cache=0 | cache=0: must be 1 MiB at least",
        "virtual:memory?size=1M&cache=1023K | cache=1023K: must be 1 MiB at least",
        "virtual:memory?size=1M&cache-mode=around | cache-mode=around: needs cache=SIZE too",
        "virtual:memory?size=1M&cache=1M&cache-mode=back | cache-mode=back: must be one of around,"
            + " through",
      })
  void badAddresses(String address, String message) {
    assertThatIllegalArgumentException().isThrownBy(() -> open(address)).withMessage(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cache=1M", "cache=1M&cache-mode=around", "cache=1G&latency=10us"})
  void whatIsWrittenIsReadThroughACache(String options) {
    for (String drive : new String[] {"virtual:memory?size=8M&", file("?size=8M&")}) {
      try (NvmeController controller = open(drive + options);
          IoQueue queue = controller.createIoQueue(8)) {
        DmaMemory memory = controller.dma().allocate(8192);
        for (int value = 1; value < 4; value++) {
          memory.segment().fill((byte) value);
          requireDone(queue, queue.write(controller.namespace(1), 8, 16, memory, 0, 1));
          for (int time = 0; time < 3; time++) {
            memory.segment().fill((byte) 0);
            requireDone(queue, queue.read(controller.namespace(1), 8, 16, memory, 0, 1));
            assertThat(memory.segment().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) value);
            assertThat(memory.segment().get(ValueLayout.JAVA_BYTE, 8191)).isEqualTo((byte) value);
          }
        }
      }
    }
  }

  private static void requireDone(IoQueue queue, boolean isRequested) {
    assertThat(isRequested).isTrue();
    while (queue.outstanding() > 0) {
      int _ = queue.poll((_, status) -> assertThat(status).isZero());
    }
  }

  @Test
  void aCacheForWhichThereIsNoMemoryIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open("virtual:null?size=1P&cache=900T"))
        .withMessageMatching(
            "a cache of 900 TiB: make it smaller; this machine has .* of memory available");
  }

  @Test
  void whatACacheHasDoneIsTold() {
    String address = "virtual:memory?size=8M&latency=1us&cache=1M&cache-mode=around";
    try (NvmeController controller = open(address);
        IoQueue queue = controller.createIoQueue(8)) {
      CacheStatistics statistics = VirtualDriveProvider.cache(controller).orElseThrow();
      assertThat(statistics.capacityBytes()).isEqualTo(1 << 20);
      DmaMemory memory = controller.dma().allocate(4096);
      for (int time = 0; time < 3; time++) {
        requireDone(queue, queue.read(controller.namespace(1), 0, 8, memory, 0, 1));
        assertThat(statistics.misses()).isEqualTo(1);
        assertThat(statistics.hits()).isEqualTo(time);
      }
      requireDone(queue, queue.write(controller.namespace(1), 0, 8, memory, 0, 1));
      assertThat(statistics.cachedBytes()).isZero();
    }
    try (NvmeController controller = open("virtual:memory?size=8M")) {
      assertThat(VirtualDriveProvider.cache(controller)).isEmpty();
    }
  }

  @Test
  void unknownOptionsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open("virtual:memory?size=1M&paus=1ms"))
        .withMessageStartingWith(
            "a virtual drive has no option 'paus'; it has access, after, bandwidth,");
  }

  @Test
  void filesThatCannotBe() throws IOException {
    Path image = folder.resolve("d.img");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open(file("")))
        .withMessage(
            image + " does not exist; add ?size=4G to the address to create it with that size");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open("virtual:" + folder))
        .withMessage(folder + " is not a regular file");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open("virtual:" + folder.resolve("no/such/d.img") + "?size=1M"))
        .withMessageContaining("No such file or directory");
    try (RandomAccessFile odd = new RandomAccessFile(image.toFile(), "rw")) {
      odd.setLength(1000);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open(file("")))
        .withMessage(
            image
                + ": 1000 bytes are not whole blocks of 512; access=read reads those that are"
                + " whole");
  }

  @Test
  void nothingIsMadeOfABadAddress() throws IOException {
    for (String options : new String[] {"&lba=3", "&x=1", "&pause=1s", "&ns=2G", "&thread=x"}) {
      assertThatIllegalArgumentException().isThrownBy(() -> open(file("?size=1M" + options)));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> open(file("?size=1000")));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }
}
