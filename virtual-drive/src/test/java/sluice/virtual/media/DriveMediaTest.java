package sluice.virtual.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import sluice.nvme.CompletionHandler;
import sluice.nvme.NvmeException;
import sluice.nvme.drive.Drive;
import sluice.nvme.drive.DriveQueue;
import sluice.nvme.drive.NvmeDrive;
import sluice.nvme.spec.StatusCode;
import sluice.vfio.DmaMemory;
import sluice.vfio.DmaSpace;

/** A virtual drive, by way of the driver, as the media of another. */
class DriveMediaTest {
  private static final long DEADLINE_NANOS = 60_000_000_000L;
  private static final int SIZE = 8 << 20;

  private final MemorySegment memory = Arena.ofAuto().allocate(4 << 20, 4096);
  private final List<String> ended = new ArrayList<>();

  private static DriveMedia media(String options) {
    return new DriveMedia(NvmeDrive.open("virtual:memory?size=8M&thread=shared" + options));
  }

  private void pollFor(DriveMedia media, int count) {
    long start = System.nanoTime();
    while (ended.size() < count) {
      int _ = media.poll((tag, status) -> ended.add(tag + ":" + status));
      assertThat(System.nanoTime() - start).as("%s", ended).isLessThan(DEADLINE_NANOS);
    }
  }

  @Test
  void whatIsWrittenIsReadWhateverItsSize() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    byte[] model = new byte[SIZE];
    try (DriveMedia media = media("")) {
      assertThat(media.size()).isEqualTo(SIZE);
      for (int i = 0; i < 300; i++) {
        ended.clear();
        int length = 512 * (1 + random.nextInt(random.nextInt(10) == 0 ? 4000 : 40));
        int offset = 512 * random.nextInt((SIZE - length) / 512 + 1);
        byte[] part = new byte[length];
        switch (random.nextInt(3)) {
          case 0 -> {
            random.nextBytes(part);
            MemorySegment.copy(part, 0, memory, ValueLayout.JAVA_BYTE, 0, length);
            assertThat(media.write(offset, memory.address(), length, i)).isEqualTo(Media.LATER);
            System.arraycopy(part, 0, model, offset, length);
          }
          case 1 -> {
            assertThat(media.zero(offset, length, i)).isEqualTo(Media.LATER);
            Arrays.fill(model, offset, offset + length, (byte) 0);
          }
          default -> assertThat(media.flush(offset, length, i)).isEqualTo(Media.LATER);
        }
        pollFor(media, 1);
        assertThat(media.read(offset, memory.address(), length, 9)).isEqualTo(Media.LATER);
        pollFor(media, 2);
        assertThat(ended).containsExactly(i + ":0", "9:0");
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, 0, part, 0, length);
        assertThat(part).isEqualTo(Arrays.copyOfRange(model, offset, offset + length));
      }
    }
  }

  @Test
  void moreThanTheQueueTakesWaits() {
    try (DriveMedia media = media("&mqes=8")) {
      for (int i = 0; i < 500; i++) {
        memory.set(ValueLayout.JAVA_LONG, i * 512L, i + 1);
        assertThat(media.write(i * 4096L, memory.address() + i * 512L, 512, i))
            .isEqualTo(Media.LATER);
      }
      pollFor(media, 500);
      assertThat(ended).allMatch(line -> line.endsWith(":0"));
      ended.clear();
      memory.fill((byte) 0);
      for (int i = 0; i < 500; i++) {
        assertThat(media.read(i * 4096L, memory.address() + i * 512L, 512, i))
            .isEqualTo(Media.LATER);
      }
      pollFor(media, 500);
      for (int i = 0; i < 500; i++) {
        assertThat(memory.get(ValueLayout.JAVA_LONG, i * 512L)).isEqualTo(i + 1L);
      }
    }
  }

  @Test
  void aBadPlaceIsABadPlaceHereToo() {
    try (DriveMedia media = media("&error=lba:100-101:unrecovered-read")) {
      assertThat(media.read(0, memory.address(), 1 << 20, 1)).isEqualTo(Media.LATER);
      pollFor(media, 1);
      assertThat(ended).containsExactly("1:" + StatusCode.UNRECOVERED_READ_ERROR.status());
    }
  }

  @Test
  void aDriveThatIsGoneFailsAllAndSaysSoAtTheEnd() {
    Vanishing drive = new Vanishing();
    DriveMedia media = new DriveMedia(drive);
    assertThat(media.write(0, memory.address(), 1 << 20, 1)).isEqualTo(Media.LATER);
    drive.isGone = true;
    pollFor(media, 1);
    assertThat(ended).containsExactly("1:" + StatusCode.INTERNAL_ERROR.status());
    assertThat(media.read(0, memory.address(), 512, 2))
        .isEqualTo(StatusCode.INTERNAL_ERROR.status());
    assertThat(media.flush(0, SIZE, 3)).isNotZero();
    assertThatThrownBy(media::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("may not be durable");
  }

  /** A drive that takes everything, does nothing, and is gone when a test says so. */
  private static final class Vanishing implements Drive, DriveQueue {
    private boolean isGone;
    private int outstanding;

    @Override
    public String name() {
      return "vanishing";
    }

    @Override
    public long bytes() {
      return SIZE;
    }

    @Override
    public int blockSize() {
      return 512;
    }

    @Override
    public DmaSpace dma() {
      return new DmaSpace() {
        @Override
        public DmaMemory allocate(long size) {
          return new DmaMemory(Arena.ofAuto().allocate(size, 4096), 0);
        }

        @Override
        public void free(DmaMemory freed) {
          // The garbage collector does.
        }
      };
    }

    @Override
    public int maxQueueDepth() {
      return 16;
    }

    @Override
    public DriveQueue openQueue(int depth) {
      return this;
    }

    @Override
    public int depth() {
      return 16;
    }

    @Override
    public int outstanding() {
      return outstanding;
    }

    private boolean take() {
      if (outstanding == 4) {
        return false;
      }
      outstanding++;
      return true;
    }

    @Override
    public boolean read(long address, int length, DmaMemory to, long offset, long tag) {
      return take();
    }

    @Override
    public boolean write(
        long address, int length, DmaMemory from, long offset, boolean durable, long tag) {
      return take();
    }

    @Override
    public boolean flush(long tag) {
      return take();
    }

    @Override
    public void ring() {
      // Nobody is there to be told.
    }

    @Override
    public int poll(CompletionHandler handler) {
      if (isGone) {
        throw new NvmeException("the drive is gone");
      }
      return 0;
    }

    @Override
    public void close() {
      // Nothing is kept.
    }
  }
}
