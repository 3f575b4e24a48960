package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.recorder.Volume;
import sluice.recorder.format.CatalogueEntry;
import sluice.recorder.format.Superblock;

/**
 * Flips a byte in every block of superblocks, catalogue and index, one block at a time: it is
 * reported, nothing is written, and no wrong byte is played.
 */
class DamageIT {
  private static final long SEED = 77;
  private static final int BLOCK = 4096;

  @TempDir Path directory;
  private Path image;
  private String drive;

  @BeforeEach
  void recordings() {
    image = directory.resolve("d.img");
    drive = "virtual:" + image;
    InProcess.run("init", drive, "--size", "16M", "--recordings", "4", "--index", "64K")
        .expect(ExitStatus.OK);
    for (int seed = 0; seed < 2; seed++) {
      InProcess.run(
              "record",
              drive,
              "--from",
              "generator:size=4M,seed=" + seed,
              "--name",
              "take " + seed,
              "--slot",
              "16K")
          .expect(ExitStatus.OK);
    }
  }

  @Test
  void everyBlockOfMetadataIsGuarded() throws IOException {
    SplittableRandom random = new SplittableRandom(SEED);
    byte[] whole = Files.readAllBytes(image);
    for (long block : blocks()) {
      int at = (int) block + random.nextInt(BLOCK);
      String what = "byte %d flipped, seed %d".formatted(at, SEED);
      byte[] damaged = whole.clone();
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(image, damaged);

      InProcess check = InProcess.run("check", drive).expect(ExitStatus.FAILURE);
      assertThat(check.err().lines()).as("%s: %s", what, check).hasSize(1);
      assertThat(check.err()).as(what).contains("damaged");
      InProcess record = InProcess.run("record", drive, "--from", "generator:size=64K");
      // The index is looked at when it is needed: by check, by play, and by recovery.
      if (record.status() != ExitStatus.OK) {
        record.expectError(ExitStatus.FAILURE, "damaged");
        assertThat(Files.readAllBytes(image)).as(what).isEqualTo(damaged);
      }
      for (int seed = 0; seed < 2; seed++) {
        InProcess play =
            InProcess.run("play", drive, "take " + seed, "--to", "verify:seed=" + seed);
        if (play.status() != ExitStatus.OK) {
          play.expect(ExitStatus.FAILURE);
          assertThat(play.err().lines()).as("%s: %s", what, play).hasSize(1);
          assertThat(play.err()).as(what).doesNotContain("differs");
        }
      }
    }
    Files.write(image, whole);
    InProcess.run("check", drive).expect(ExitStatus.OK);
  }

  @Test
  void whatHasAnotherCopyIsRepaired() throws IOException {
    byte[] whole = Files.readAllBytes(image);
    byte[] damaged = whole.clone();
    damaged[100] ^= 1;
    Files.write(image, damaged);
    InProcess.run("check", drive).expect(ExitStatus.FAILURE);
    InProcess.run("check", drive, "--repair").expect(ExitStatus.OK);
    assertThat(Files.readAllBytes(image)).isEqualTo(whole);
  }

  @Test
  void aDamagedChunkIsFoundAndNotPlayed() throws IOException {
    byte[] image = Files.readAllBytes(this.image);
    Map<String, Object> take = recording(1);
    int address = ((Number) take.get("address")).intValue();
    image[address + 1_000_000] ^= 1;
    Files.write(this.image, image);
    InProcess check = InProcess.run("check", drive).expect(ExitStatus.FAILURE);
    assertThat(check.err().lines()).hasSize(1);
    assertThat(check.err()).contains("'take 1'");
    InProcess.run("play", drive, "take 0", "--to", "verify:seed=0").expect(ExitStatus.OK);
    InProcess.run("play", drive, "take 1", "--to", "verify:seed=1")
        .expectError(ExitStatus.FAILURE, "'take 1'");

    InProcess.run("check", drive, "--accept-loss")
        .expectError(ExitStatus.FAILURE, "--accept-loss goes with --repair");
    InProcess.run("check", drive, "--repair").expect(ExitStatus.FAILURE);
    InProcess accepted = InProcess.run("check", drive, "--repair", "--accept-loss");
    assertThat(accepted.expect(ExitStatus.OK).out())
        .contains(
            "repaired: recording 'take 1': 16384 bytes of it are damaged; the loss is accepted");
    assertThat(InProcess.run("check", drive).expect(ExitStatus.OK).out())
        .contains("recording 'take 1': 16384 bytes of it were damaged on the drive");
    InProcess.run("play", drive, "take 0", "--to", "verify:seed=0").expect(ExitStatus.OK);
  }

  /** The addresses of all blocks whose damage must be noticed. */
  private List<Long> blocks() {
    List<Long> blocks = new ArrayList<>();
    try (Volume volume = Volume.open(drive)) {
      Superblock layout = volume.layout();
      blocks.add(0L);
      blocks.add(layout.driveBytes() - BLOCK);
      for (int copy = 0; copy < 2; copy++) {
        add(blocks, layout.catalogueAddress(0, copy), layout.catalogueBytes());
      }
      volume
          .recordings()
          .forEach(recording -> {
            CatalogueEntry entry = recording.entry();
            add(blocks, entry.indexAddress(), entry.indexEntries() * 64);
          });
    }
    return blocks;
  }

  private static void add(List<Long> blocks, long address, long bytes) {
    // Whole blocks: what is behind the last entry in its block is not looked at.
    for (long at = address; at + BLOCK <= address + bytes; at += BLOCK) {
      blocks.add(at);
    }
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> recording(int number) throws IOException {
    String json = InProcess.run("recordings", drive, "-o", "json").expect(ExitStatus.OK).out();
    return ((List<Map<String, Object>>) JSON.std.mapFrom(json).get("recordings")).get(number);
  }
}
