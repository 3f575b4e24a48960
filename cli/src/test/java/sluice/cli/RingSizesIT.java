package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rings of odd sizes work, or are refused before anything is done. */
class RingSizesIT {
  private static final String DRIVE = "virtual:d.img";

  @TempDir Path folder;
  private Launcher sluice;

  @BeforeEach
  void init() throws IOException {
    sluice = new Launcher(folder);
    sluice.here("init", DRIVE + "?size=64M").expect(ExitStatus.OK);
  }

  private Launcher.Result record(String ring, String slot) throws IOException {
    return sluice.here(
        "record", DRIVE, "--ring", ring, "--slot", slot, "--from", "generator:size=3000001,seed=4");
  }

  @ParameterizedTest
  @CsvSource({"8K,4K", "64K,16K", "64K,32K", "1M,4K", "100K,4K", "2M,1M", "9M,4M"})
  void aStreamThatWaitsGoesThroughAnyRing(String ring, String slot) throws IOException {
    record(ring, slot).expect(ExitStatus.OK);
    sluice.here("play", DRIVE, "0", "--to", "verify:seed=4").expect(ExitStatus.OK);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "64K | 128K | 2 | --ring must hold 2 slots of 131072 bytes or more",
        "64K | 64K | 2 | --ring must hold 2 slots of 65536 bytes or more",
        "64K | 5000 | 2 | --slot is a multiple of 4K up to 1G, not 5000",
        "64K | 2G | 2 | --slot is a multiple of 4K up to 1G, not 2147483648",
        "64T | 128K | 1 | a ring",
      })
  void whatCannotBeIsRefusedInOneLine(String ring, String slot, int status, String message)
      throws IOException {
    record(ring, slot).expectError(status, message);
    assertThat(sluice.here("recordings", DRIVE, "-o", "json").recordings()).isEmpty();
  }

  @Test
  void saysWhenTheIndexMayBeFullFirst() throws IOException {
    sluice.here("init", DRIVE, "--force", "--index", "64K").expect(ExitStatus.OK);
    assertThat(record("1M", "4K").expect(ExitStatus.OK).err())
        .contains("sluice record: the index has room for 1024 entries");
    assertThat(record("1M", "512K").expect(ExitStatus.OK).err()).doesNotContain("the index");
  }
}
