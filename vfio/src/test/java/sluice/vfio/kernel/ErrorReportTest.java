package sluice.vfio.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import sluice.vfio.ConfigSpace;

class ErrorReportTest {
  private static final int IN_USE = 0x0406;

  /** All 4096 bytes of a function's configuration. */
  private static final class Fake implements ConfigSpace {
    private final int[] words = new int[1024];
    private int reads;

    Fake() {
      words[0] = 0xa80a_144d;
      words[1] = 0x0010_0000 | IN_USE;
    }

    Fake with(int offset, int word) {
      words[offset / 4] = word;
      return this;
    }

    /** An extended capability and where the next one is. */
    Fake extended(int offset, int id, int next) {
      return with(offset, next << 20 | 1 << 16 | id);
    }

    @Override
    public int read32(int offset) {
      reads++;
      return words[offset / 4];
    }

    @Override
    public void write32(int offset, int value) {
      throw new AssertionError("a look writes nothing");
    }

    @Override
    public void write16(int offset, int value) {
      throw new AssertionError("a look writes nothing");
    }
  }

  private static ErrorReport look(Fake fake) {
    return ErrorReport.of(fake, IN_USE);
  }

  @Test
  void anErrorThatIsNotFatalIsSurvived() {
    // A completion timeout: bit 14.
    Fake fake = new Fake().extended(0x100, 0x0001, 0).with(0x104, 1 << 14).with(0x10c, 0x0046_2030);
    assertThat(look(fake)).isEqualTo(ErrorReport.SURVIVED);
  }

  @Test
  void aFatalOneIsFatalWhereverTheCapabilityIs() {
    Fake fake =
        new Fake()
            .extended(0x100, 0x0019, 0x148)
            .extended(0x148, 0x0001, 0)
            .with(0x14c, 1 << 4)
            .with(0x154, 0x0046_2030);
    assertThat(look(fake)).isEqualTo(ErrorReport.FATAL);
  }

  @Test
  void aFunctionThatWasResetHasLostWhatItKnew() {
    assertThat(look(new Fake().with(0x04, 0x0010_0000))).isEqualTo(ErrorReport.FATAL);
    assertThat(look(new Fake().with(0x04, 0x0010_0402))).isEqualTo(ErrorReport.FATAL);
    assertThat(ErrorReport.of(new Fake().with(0x04, 0x0010_0402), 0x0402))
        .as("bus mastering was off before")
        .isEqualTo(ErrorReport.SURVIVED);
  }

  @Test
  void oneThatReadsAllOnesIsGone() {
    Fake fake = new Fake();
    Arrays.fill(fake.words, -1);
    assertThat(look(fake)).isEqualTo(ErrorReport.GONE);
  }

  @Test
  void withoutTheCapabilityWhatItAnswersDecides() {
    assertThat(look(new Fake())).isEqualTo(ErrorReport.SURVIVED);
    assertThat(look(new Fake().with(0x100, -1))).isEqualTo(ErrorReport.SURVIVED);
  }

  @Test
  void aListThatIsACircleEnds() {
    Fake fake = new Fake().extended(0x100, 0x19, 0x200).extended(0x200, 0x1e, 0x100);
    assertThat(look(fake)).isEqualTo(ErrorReport.SURVIVED);
    assertThat(fake.reads).isLessThan(1000);
    assertThat(look(new Fake().extended(0x100, 0x19, 0xffc).extended(0xffc, 0x0001, 0)))
        .as("a capability that does not fit")
        .isEqualTo(ErrorReport.SURVIVED);
  }
}
