package sluice.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A run that touches what a start of {@code sluice} needs, for the launcher to make an
 * ahead-of-time cache from.
 */
final class Training {
  private Training() {}

  public static void main(String[] arguments) throws IOException {
    Path directory = Files.createTempDirectory("sluice-training");
    Path image = directory.resolve("d.img");
    String drive = "virtual:" + image;
    boolean good = true;
    try {
      for (String command :
          new String[] {
            "--help",
            "init " + drive + " --size 16M",
            "record " + drive + " --from generator:size=4M --name a --ring 1M",
            "recordings " + drive,
            "recordings " + drive + " -o json",
            "play " + drive + " a --to file:" + directory.resolve("a"),
            "check " + drive,
            "info " + drive,
            "bench --rw=randread --bs=4k --size=4M --warm-up 100ms --drive " + drive,
            "list"
          }) {
        good &= Sluice.run(command.split(" ")) == ExitStatus.OK;
      }
    } finally {
      Files.deleteIfExists(directory.resolve("a"));
      Files.deleteIfExists(image);
      Files.delete(directory);
    }
    System.exit(good ? ExitStatus.OK : ExitStatus.FAILURE);
  }
}
