package sluice.vfio.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.vfio.discovery.FakeHost;
import sluice.vfio.discovery.PciDevice;

class DirectDmaTest {
  private static final String DRIVE = "0000:01:00.0";
  private static final String TREE = "sys/firmware/devicetree/base";
  private static final String BRIDGE = TREE + "/soc/pcie@fd500000";

  @TempDir private Path root;
  private FakeHost fake;
  private PciDevice drive;

  @BeforeEach
  void board() throws IOException {
    fake = new FakeHost(root);
    drive = fake.drive(DRIVE);
    fake.directory(BRIDGE);
    fake.link("sys/devices/pci0000:00/of_node", root.resolve(BRIDGE).toString());
    cells(TREE, 2, 2);
    cells(TREE + "/soc", 2, 2);
    cells(BRIDGE, 3, 2);
  }

  private void cells(String node, int address, int size) throws IOException {
    words(node + "/#address-cells", address);
    words(node + "/#size-cells", size);
  }

  private void words(String file, int... words) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(words.length * Integer.BYTES);
    for (int word : words) {
      bytes.putInt(word);
    }
    Files.write(fake.path(file), bytes.array());
  }

  private String refusal() {
    return DirectDma.refusal(drive, "aarch64").orElse("");
  }

  @Test
  void aProcessorOfThePcKindHasNoSuchTrouble() {
    assertThat(DirectDma.refusal(drive, "amd64")).isEmpty();
  }

  @Test
  void aBridgeThatIsNotCoherentIsRefused() {
    assertThat(refusal()).contains("no dma-coherent in /soc/pcie@fd500000");
    fake.file(BRIDGE + "/dma-coherent", "");
    assertThat(refusal()).isEmpty();
  }

  @Test
  void aNodeFurtherUpMaySayIt() {
    fake.file(TREE + "/soc/dma-coherent", "");
    assertThat(refusal()).isEmpty();
    fake.file(BRIDGE + "/dma-noncoherent", "");
    assertThat(refusal()).contains("dma-coherent");
  }

  @Test
  void memoryAtAnotherAddressIsRefused() throws IOException {
    fake.file(BRIDGE + "/dma-coherent", "");
    // As a Raspberry Pi 5 has it: 64 GiB from 0x10_0000_0000 on are memory from 0 on.
    words(BRIDGE + "/dma-ranges", 0x0300_0000, 0x10, 0, 0, 0, 0x10, 0);
    assertThat(refusal()).contains("other addresses", "dma-ranges of /soc/pcie@fd500000");
    words(BRIDGE + "/dma-ranges", 0x0300_0000, 0, 0, 0, 0, 0x10, 0);
    assertThat(refusal()).isEmpty();
    words(
        BRIDGE + "/dma-ranges",
        0x0300_0000,
        0,
        0,
        0,
        0,
        1,
        0, //
        0x0300_0000,
        1,
        0,
        2,
        0,
        1,
        0);
    assertThat(refusal()).as("the second range").contains("other addresses");
    words(BRIDGE + "/dma-ranges");
    assertThat(refusal()).as("empty: as it is").isEmpty();
    words(BRIDGE + "/dma-ranges", 1, 2, 3);
    assertThat(refusal()).as("no whole entry").contains("other addresses");
  }

  @Test
  void aBusFurtherUpMayMoveItToo() throws IOException {
    fake.file(BRIDGE + "/dma-coherent", "");
    words(BRIDGE + "/dma-ranges");
    words(TREE + "/soc/dma-ranges", 0xc, 0, 0, 0, 0, 0x4000_0000);
    assertThat(refusal()).contains("dma-ranges of /soc)");
  }

  @Test
  void aTreeThatDoesNotTellIsRefusedAndAcpiIsNot() throws IOException {
    Files.delete(fake.path("sys/devices/pci0000:00/of_node"));
    assertThat(refusal()).contains("does not say how it reaches memory");
    fake = new FakeHost(root.resolve("server"));
    drive = fake.drive(DRIVE);
    assertThat(refusal()).isEmpty();
    fake.file("sys/class/dmi/id/sys_vendor", "Raspberry Pi Foundation\n");
    assertThat(refusal()).contains("Raspberry Pi Foundation");
  }

  @Test
  @Timeout(60)
  void numbersOfCellsThatCannotBeAreRefused() throws IOException {
    fake.file(BRIDGE + "/dma-coherent", "");
    words(BRIDGE + "/dma-ranges", 1);
    words(BRIDGE + "/#address-cells", 0);
    words(BRIDGE + "/#size-cells", 0);
    words(TREE + "/soc/#address-cells", 0);
    assertThat(refusal()).as("entries of no bytes").contains("other addresses");
    words(BRIDGE + "/#size-cells", -1);
    assertThat(refusal()).contains("cannot be read", "#size-cells is no number of cells");
    words(BRIDGE + "/#size-cells", Integer.MAX_VALUE);
    assertThat(refusal()).contains("#size-cells is no number of cells");
    fake.file(BRIDGE + "/#size-cells", "xyz");
    assertThat(refusal()).contains("#size-cells is no number of cells");
  }
}
