package sluice.nvme.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ListsTest {
  @Test
  void namespaceList() {
    MemorySegment memory = Golden.memory(4096);
    NamespaceList list = new NamespaceList(memory);
    assertThat(list.count()).isZero();
    list.nsid(0, 1);
    list.nsid(1, 0x01020304);
    Golden.assertBytes(memory, "0: 01 00 00 00 04 03 02 01");
    assertThat(list.count()).isEqualTo(2);
    assertThat(list.nsid(1)).isEqualTo(0x01020304);
    for (int i = 0; i < NamespaceList.ENTRIES; i++) {
      list.nsid(i, i + 1);
    }
    assertThat(list.count()).isEqualTo(1024);
  }

  @Test
  void controllerList() {
    MemorySegment memory = Golden.memory(4096);
    ControllerList list = new ControllerList(memory);
    list.count(2);
    list.cntlid(0, 0x0102);
    list.cntlid(1, 0xfffe);
    Golden.assertBytes(memory, "0: 02 00 02 01 fe ff");
    assertThat(list.cntlid(1)).isEqualTo(0xfffe);
    assertThat(list.count()).isEqualTo(2);
  }

  @Test
  void namespaceDescriptors() {
    MemorySegment memory = Golden.memory(4096);
    NamespaceDescriptors list = new NamespaceDescriptors(memory);
    list.add(NamespaceDescriptors.EUI64, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    list.add(
        NamespaceDescriptors.UUID,
        new byte[] {9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
    Golden.assertBytes(
        memory,
        "0: 01 08 00 00 01 02 03 04 05 06 07 08",
        "12: 03 10 00 00 09 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f");
    assertThat(list.find(NamespaceDescriptors.EUI64))
        .hasValueSatisfying(nid -> assertThat(nid).containsExactly(1, 2, 3, 4, 5, 6, 7, 8));
    assertThat(list.find(NamespaceDescriptors.UUID)).isPresent();
    assertThat(list.find(NamespaceDescriptors.NGUID)).isEmpty();
  }

  @Test
  void brokenDescriptorsEndTheList() {
    MemorySegment memory = Golden.memory(4096);
    memory.fill((byte) 0xff);
    NamespaceDescriptors list = new NamespaceDescriptors(memory);
    assertThat(list.find(NamespaceDescriptors.UUID)).isEmpty();
    assertThatThrownBy(() -> list.add(NamespaceDescriptors.UUID, new byte[16]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void datasetManagementRange() {
    MemorySegment memory = Golden.memory(16);
    long address = memory.address();
    DatasetManagementRange.attributes(address, 0x01020304);
    DatasetManagementRange.length(address, 0xfffffff0L);
    DatasetManagementRange.slba(address, 0x1112131415161718L);
    Golden.assertBytes(memory, "0: 04 03 02 01 f0 ff ff ff 18 17 16 15 14 13 12 11");
    assertThat(DatasetManagementRange.attributes(address)).isEqualTo(0x01020304);
    assertThat(DatasetManagementRange.length(address)).isEqualTo(0xfffffff0L);
    assertThat(DatasetManagementRange.slba(address)).isEqualTo(0x1112131415161718L);
  }
}
