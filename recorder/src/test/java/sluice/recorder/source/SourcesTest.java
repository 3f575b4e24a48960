package sluice.recorder.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.recorder.StreamException;

class SourcesTest {
  private static final String EXAMPLES =
      "- (standard input), file:PATH, udp://host:port, tcp://host:port, tcp://:port?listen or"
          + " generator:rate=400MB/s,size=2GiB";

  private static void cannotOpen(String text, String message) {
    assertThatExceptionOfType(StreamException.class)
        .isThrownBy(() -> Sources.open(text, SourceOptions.defaults()).close())
        .withMessage(message);
  }

  private static void refuses(String text, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sources.open(text, SourceOptions.defaults()).close())
        .withMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "udp://127.0.0.1:70000 | bad port \"70000\": it must be a number from 0 to 65535",
        "udp://127.0.0.1:-1 | bad port \"-1\": it must be a number from 0 to 65535",
        "udp://127.0.0.1:http | bad port \"http\": it must be a number from 0 to 65535",
        "udp://127.0.0.1: | bad port \"\": it must be a number from 0 to 65535",
        "tcp://127.0.0.1:0 | bad port \"0\": it must be a number from 1 to 65535",
        "udp://127.0.0.1 | write it as udp://host:port",
        "udp:127.0.0.1:5000 | write it as udp://host:port",
        "udp://::1:5000 | write an IPv6 address in brackets, as [::1]:5000",
        "tcp://:5000 | there is no host to connect to",
        "udp://:5000?rcvbuf=2G | option rcvbuf: it cannot be more than 1 GiB",
        "udp://:5000?rcvbuf=0 | option rcvbuf: it must be more than 0",
        "udp://:5000?idle=soon | option idle: bad duration \"soon\": write a duration as 50ms, 2s, 10us, 5min or 1h",
        "udp://:5000?interface=lo | option interface: it is for multicast groups only",
        "udp://239.1.2.3:5000?interface=nope7 | no network interface nope7",
        "udp://:5000?ttl=3 | there is no option ttl; there are count, idle, interface, rcvbuf, size",
        "udp://:5000?size=1M&size=2M | the option size stands there twice",
        "udp://:5000?=1M | an option has no name",
        "tcp://:5000?listen=perhaps | option listen: write yes or no, not \"perhaps\"",
        "generator:rate=2TB/s | impossible rate: 2 TB/s; it must be from 1 B/s to 100 GB/s",
        "generator:rate=0 | option rate: bad rate \"0\": it must be more than 0",
        "generator:rate=-5MB/s | option rate: bad rate \"-5MB/s\": it cannot be negative",
        "generator:rate=fast | option rate: bad rate \"fast\": write a rate as 400MB/s, 128K/s or 3.2Gbit/s",
        "generator:size=0 | option size: it must be more than 0",
        "generator:seed=x | option seed: \"x\" is not a whole number",
        "generator:stall=no | a generator without a rate cannot but stall; give it a rate",
        "generator:rate=1MB/s,speed=3 | there is no option speed; there are rate, seed, size, stall",
      })
  void saysWhatIsWrong(String text, String message) {
    refuses(text, text + ": " + message);
  }

  @Test
  void saysWhatSourcesThereAre() {
    refuses("data.bin", "\"data.bin\" names no stream; write " + EXAMPLES);
    refuses("", "\"\" names no stream; write " + EXAMPLES);
    refuses("rtp://host:5000", "there is no source \"rtp:\"; write " + EXAMPLES);
    refuses("file:a?size=100%", "\"100%\" is not percent-encoded properly: write % as %25");
  }

  @Test
  void saysWhatFileThereIsNot() {
    cannotOpen("file:/no/such/file", "file:/no/such/file: there is no such file");
    cannotOpen("file:", "file:: there is no such file");
    cannotOpen("file:/tmp", "file:/tmp: it is a directory, not a file");
  }

  @Test
  void saysWhenAPortIsInUse() throws Exception {
    try (DatagramSocket other = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      String address = "127.0.0.1:" + other.getLocalPort();
      cannotOpen(
          "udp://" + address,
          "cannot open udp://%s: bind(%s): Address already in use (errno 98)"
              .formatted(address, address));
    }
  }

  @Test
  void saysWhenAnAddressIsNotOurs() {
    cannotOpen(
        "udp://198.51.100.7:5000",
        "cannot open udp://198.51.100.7:5000: bind(198.51.100.7:5000): Cannot assign requested"
            + " address (errno 99)");
  }

  @Test
  void saysWhenNobodyListens() throws Exception {
    int port;
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      port = server.getLocalPort();
    }
    cannotOpen(
        "tcp://127.0.0.1:" + port,
        "cannot open tcp://127.0.0.1:%d: connect(127.0.0.1:%d): Connection refused (errno 111)"
            .formatted(port, port));
  }

  @Test
  void theSameOptionsWithAQuestionMark() {
    try (Source source =
        Sources.open("generator:?rate=3.2Gbit/s&seed=0x10", SourceOptions.defaults())) {
      assertThat(source.canStall()).isFalse();
      assertThat(source.description()).isEqualTo("generator:?rate=3.2Gbit/s&seed=0x10");
    }
  }

  @Test
  void optionsThatMakeNoSense() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SourceOptions.defaults().withMaxSlotAgeNanos(0))
        .withMessage("the largest age of a slot must be more than 0, not 0 ns");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SourceOptions.defaults().withPollMillis(-1))
        .withMessage("cannot wait for -1 ms");
  }
}
