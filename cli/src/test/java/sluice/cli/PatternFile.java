package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import sluice.recorder.stream.Pattern;

/** Files that hold a piece of the generator's pattern. */
final class PatternFile {
  private PatternFile() {}

  /**
   * Asserts that bytes of a file are those of a pattern.
   *
   * @param position of the first byte in the file
   * @param length how many
   * @param streamOffset the first byte's place in the pattern
   */
  static void verify(Path file, long position, long length, long seed, long streamOffset)
      throws IOException {
    if (length == 0) {
      return;
    }
    try (FileChannel channel = FileChannel.open(file);
        Arena arena = Arena.ofShared()) {
      assertThat(channel.size()).as("size of %s", file).isGreaterThanOrEqualTo(position + length);
      MemorySegment bytes = channel.map(MapMode.READ_ONLY, position, length, arena);
      long different = new Pattern(seed).verify(bytes.address(), length, streamOffset);
      assertThat(different)
          .as("first different stream offset of %s, seed %d, at %d", file, seed, position)
          .isEqualTo(-1);
    }
  }
}
