package sluice.vfio.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VersionTest {
  private final MemorySegment memory = Arena.ofAuto().allocate(4096, 8);

  @Test
  void aVersionWithoutCapabilitiesHasTheSpecificationsOwn() {
    memory.set(ValueLayout.JAVA_INT, 0, 1 << 16);
    assertThat(Version.read(memory.address(), 4)).isEqualTo(Version.plain());
  }

  @Test
  void writesWhatItReads() {
    Version version = new Version(0, 2, 8, 65536, 64, 0x201000, true, 3, true);
    int bytes = version.write(memory.address(), true);
    assertThat(text(bytes))
        .isEqualTo(
            "{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":65536,\"max_dma_maps\":64,"
                + "\"pgsizes\":2101248,\"twin_socket\":{\"supported\":true,\"fd_index\":3},"
                + "\"write_multiple\":true}}\0");
    assertThat(Version.read(memory.address(), bytes)).isEqualTo(version);
  }

  @Test
  void takesLargeNumbersForTheLargestThatItCanUse() {
    Version version = read("{\"capabilities\":{\"max_data_xfer_size\":9999999999}}");
    assertThat(version.maxTransfer()).isEqualTo(Integer.MAX_VALUE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nonsense | capabilities that are no JSON: ",
        "[] | capabilities that are no JSON object",
        "{\"capabilities\":3} | capabilities that is no JSON object",
        "{\"capabilities\":{\"max_msg_fds\":0}} | max_msg_fds that is no number from 1 on",
        "{\"capabilities\":{\"max_msg_fds\":\"8\"}} | max_msg_fds that is no number from 1 on",
        "{\"capabilities\":{\"pgsizes\":1e300}} | pgsizes that is no number from 1 on",
        "{\"capabilities\":{\"write_multiple\":1}} | write_multiple that is neither true nor false",
        "{\"capabilities\":{\"twin_socket\":{\"supported\":true,\"fd_index\":-1}}}"
            + " | a twin socket whose index is no number",
      })
  void refusesNonsense(String json, String message) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(VfioUserException.class)
        .message()
        .startsWith(message)
        .doesNotContain("\n");
  }

  @Test
  void refusesDepthsAndWhatHasNoEnd() {
    assertThatThrownBy(() -> read("[".repeat(3000)))
        .isInstanceOf(VfioUserException.class)
        .hasMessageContaining("no JSON");
    memory.asSlice(4, 3).copyFrom(MemorySegment.ofArray("{} ".getBytes(StandardCharsets.UTF_8)));
    assertThatThrownBy(() -> Version.read(memory.address(), 7))
        .hasMessage("capabilities that do not end with a zero byte");
    assertThatThrownBy(() -> Version.read(memory.address(), 3)).hasMessage("a version of 3 bytes");
  }

  private Version read(String json) {
    memory.setString(4, json);
    return Version.read(memory.address(), 4 + json.length() + 1);
  }

  private String text(int bytes) {
    return new String(
        memory.asSlice(4, bytes - 4).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }
}
