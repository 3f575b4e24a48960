package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import sluice.nvme.ControllerOptions;
import sluice.nvme.NvmeController;
import sluice.nvme.NvmeException;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;
import sluice.virtual.BlockIo;
import sluice.virtual.media.Backend;
import sluice.virtual.media.MemoryBackend;
import sluice.virtual.media.VolatileCache;
import sluice.virtual.pci.Host;
import sluice.virtual.pci.VirtualDrive;
import sluice.virtual.pci.VirtualFunction;
import sluice.virtual.personality.Personality;

class PowerCutTest {
  private static final int BLOCKS = 64;

  private static Host host(Backend media) {
    return Host.ready(new DriveSettings(), Personality.PLAIN, new VolatileCache(media, 512));
  }

  private static void write(
      Host host, Host.Queue queue, DmaMemory data, int lba, int blocks, long value, int flags) {
    for (int i = 0; i < blocks * 512; i += 8) {
      OffHeap.putLong(data.address() + i, value);
    }
    host.post(queue, IoOpcode.WRITE, 1, lba, blocks, flags, data);
    assertThat(host.finish(queue).status()).isZero();
  }

  /** A block's value; fails if it is not the same in all of the block. */
  private static long value(Backend media, int lba) {
    MemorySegment data = Arena.ofAuto().allocate(512, 8);
    media.read(lba * 512L, data.address(), 512);
    long first = data.get(ValueLayout.JAVA_LONG, 0);
    for (int i = 0; i < 512; i += 8) {
      assertThat(data.get(ValueLayout.JAVA_LONG, i)).as("block %d is torn", lba).isEqualTo(first);
    }
    return first;
  }

  /**
   * Random writes, flushes and forced writes; then a cut: each block has the value that was last
   * made durable, or one that was written to it later.
   */
  @Test
  void whatIsFlushedSurvivesAndTheRestMayNot() {
    int lost = 0;
    int landed = 0;
    for (long seed = 0; seed < 300; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      MemoryBackend media = new MemoryBackend(BLOCKS * 512);
      List<Set<Long>> possible = new ArrayList<>();
      long[] newest = new long[BLOCKS];
      for (int i = 0; i < BLOCKS; i++) {
        possible.add(new HashSet<>(Set.of(0L)));
      }
      try (Host host = host(media)) {
        Host.Queue queue = host.createQueue(1, 8);
        DmaMemory data = host.memory(4096);
        int commands = random.nextInt(60);
        for (int i = 1; i <= commands; i++) {
          if (random.nextInt(10) == 0) {
            assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).isZero();
            for (int b = 0; b < BLOCKS; b++) {
              possible.set(b, new HashSet<>(Set.of(newest[b])));
            }
            continue;
          }
          int lba = random.nextInt(BLOCKS);
          int blocks = 1 + random.nextInt(Math.min(8, BLOCKS - lba));
          boolean forced = random.nextInt(10) == 0;
          long value = random.nextInt(10) == 0 ? 0 : i;
          if (value == 0) {
            host.post(
                queue, IoOpcode.WRITE_ZEROES, 1, lba, blocks, forced ? IoCommand.FUA : 0, null);
            assertThat(host.finish(queue).status()).isZero();
          } else {
            write(host, queue, data, lba, blocks, value, forced ? IoCommand.FUA : 0);
          }
          for (int b = lba; b < lba + blocks; b++) {
            newest[b] = value;
            if (forced) {
              possible.set(b, new HashSet<>());
            }
            possible.get(b).add(value);
          }
        }
        for (int b = 0; b < BLOCKS; b++) {
          assertThat(host.io(queue, IoOpcode.READ, b, 1, data)).isZero();
          assertThat(OffHeap.getLong(data.address()))
              .as("read through the cache")
              .isEqualTo(newest[b]);
        }
        assertThat(host.drive.cutPower(seed)).isSameAs(media);
        assertThat(host.function.isPresent()).isFalse();
        assertThat(host.csts()).isEqualTo(-1);
      }
      for (int b = 0; b < BLOCKS; b++) {
        long value = value(media, b);
        assertThat(possible.get(b)).as("seed %d, block %d", seed, b).contains(value);
        if (possible.get(b).size() > 1) {
          landed += value == newest[b] ? 1 : 0;
          lost += value == newest[b] ? 0 : 1;
        }
      }
      media.close();
    }
    assertThat(landed).isGreaterThan(500);
    assertThat(lost).isGreaterThan(500);
  }

  @Test
  void theSameSeedLosesTheSame() {
    List<List<Long>> survivors = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      MemoryBackend media = new MemoryBackend(BLOCKS * 512);
      try (Host host = host(media)) {
        Host.Queue queue = host.createQueue(1, 8);
        DmaMemory data = host.memory(4096);
        for (int i = 0; i < BLOCKS; i += 8) {
          write(host, queue, data, i, 8, i + 1, 0);
        }
        host.drive.cutPower(12);
      }
      List<Long> values = new ArrayList<>();
      for (int b = 0; b < BLOCKS; b++) {
        values.add(value(media, b));
      }
      survivors.add(values);
      media.close();
    }
    assertThat(survivors.get(0)).isEqualTo(survivors.get(1));
    assertThat(new HashSet<>(survivors.get(0))).as("some landed, torn").hasSizeGreaterThan(2);
  }

  @Test
  void closingInGoodOrderLosesNothing() {
    MemoryBackend media = new MemoryBackend(BLOCKS * 512);
    VolatileCache cache = new VolatileCache(media, 512);
    try (Host host = Host.ready(new DriveSettings(), Personality.PLAIN, cache)) {
      Host.Queue queue = host.createQueue(1, 8);
      DmaMemory data = host.memory(4096);
      write(host, queue, data, 5, 2, 77, 0);
      assertThat(cache.unflushed()).isEqualTo(2);
      assertThat(value(media, 5)).isZero();
      host.writeCc(Host.enabledCc() | 1 << 14);
      host.settle();
      assertThat(cache.unflushed()).isZero();
      assertThat(value(media, 5)).isEqualTo(77);
      assertThat(value(media, 6)).isEqualTo(77);
    }
  }

  @Test
  void onlyADriveWithSuchACacheCanLose() {
    try (Host host = Host.ready()) {
      assertThatThrownBy(() -> host.drive.cutPower(1)).isInstanceOf(IllegalStateException.class);
    }
  }

  /** The driver notices, and a new drive on what survived has what was flushed. */
  @Test
  void underTheDriver() {
    MemoryBackend media = new MemoryBackend(1 << 20);
    VirtualDrive drive = drive(media);
    VirtualFunction function = new VirtualFunction("virtual:test", drive, null);
    try (NvmeController controller = PcieTransport.open(function, ControllerOptions.defaults())) {
      DmaMemory data = controller.dma().allocate(4096);
      BlockIo io = new BlockIo(controller, controller.createIoQueue(4), controller.namespace(1));
      OffHeap.putLong(data.address(), 99);
      io.write(0, data, 0, 4096);
      io.flush();
      drive.cutPower(3);
      assertThatThrownBy(() -> io.write(0, data, 0, 4096)).isInstanceOf(NvmeException.class);
    }
    VirtualFunction again = new VirtualFunction("virtual:test", drive(media), null);
    try (NvmeController controller = PcieTransport.open(again, ControllerOptions.defaults())) {
      DmaMemory data = controller.dma().allocate(4096);
      BlockIo io = new BlockIo(controller, controller.createIoQueue(4), controller.namespace(1));
      io.read(0, data, 0, 4096);
      assertThat(OffHeap.getLong(data.address())).isEqualTo(99);
    }
  }

  private static VirtualDrive drive(Backend media) {
    return new VirtualDrive(
        new DriveSettings(), Personality.PLAIN, new VolatileCache(media, 512), System::nanoTime);
  }
}
