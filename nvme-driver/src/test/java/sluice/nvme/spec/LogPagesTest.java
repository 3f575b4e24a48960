package sluice.nvme.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class LogPagesTest {
  @Test
  void countersOfAllOnesAndTemperaturesThatNoDriveHasAreNotMadeIntoNonsense() {
    MemorySegment memory = Golden.memory(512);
    SmartLog log = new SmartLog(memory);
    memory.fill((byte) 0xff);
    assertThat(log.bytesRead()).isEqualTo(Long.MAX_VALUE);
    assertThat(log.bytesWritten()).isEqualTo(Long.MAX_VALUE);
    assertThat(log.plausibleTemperature()).as("65535 kelvins").isZero();
    log.dataUnitsWritten(1L << 56);
    assertThat(log.bytesWritten()).isEqualTo(Long.MAX_VALUE);
    log.dataUnitsRead(3);
    assertThat(log.bytesRead()).isEqualTo(1_536_000);
    log.compositeTemperature(318);
    assertThat(log.plausibleTemperature()).isEqualTo(318);
    log.compositeTemperature(0);
    assertThat(log.plausibleTemperature()).as("not told").isZero();
  }

  @Test
  void smartLog() {
    MemorySegment memory = Golden.memory(512);
    SmartLog log = new SmartLog(memory);
    log.criticalWarning(SmartLog.WARNING_TEMPERATURE | SmartLog.WARNING_READ_ONLY);
    log.compositeTemperature(0x013e);
    log.availableSpare(100);
    log.availableSpareThreshold(10);
    log.percentageUsed(3);
    log.dataUnitsRead(0x0102);
    log.dataUnitsWritten(0x0203);
    log.hostReadCommands(0x0304);
    log.hostWriteCommands(0x0405);
    log.controllerBusyTime(0x0506);
    log.powerCycles(0x0607);
    log.powerOnHours(0x0708);
    log.unsafeShutdowns(0x0809);
    log.mediaErrors(0x090a);
    log.errorLogEntries(0x0a0b);
    log.warningTemperatureTime(0x0b0c);
    log.criticalTemperatureTime(0x0c0d);
    log.temperatureSensor(1, 0x0140);
    log.temperatureSensor(8, 0x0141);
    log.thermal1Transitions(0x0d0e);
    log.thermal2Transitions(0x0e0f);
    log.thermal1Time(0x0f10);
    log.thermal2Time(0x1011);

    Golden.assertBytes(
        memory,
        "0: 0a 3e 01 64 0a 03",
        "32: 02 01",
        "48: 03 02",
        "64: 04 03",
        "80: 05 04",
        "96: 06 05",
        "112: 07 06",
        "128: 08 07",
        "144: 09 08",
        "160: 0a 09",
        "176: 0b 0a",
        "192: 0c 0b 00 00 0d 0c 00 00",
        "200: 40 01",
        "214: 41 01",
        "216: 0e 0d 00 00 0f 0e 00 00 10 0f 00 00 11 10");
    assertThat(log.compositeTemperature()).isEqualTo(318);
    assertThat(log.temperatureSensor(8)).isEqualTo(0x0141);
    assertThatThrownBy(() -> log.temperatureSensor(0))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void countersSaturate() {
    MemorySegment memory = Golden.memory(512);
    SmartLog log = new SmartLog(memory);
    memory.set(ValueLayout.JAVA_BYTE, 32 + 7, (byte) 0x80);
    assertThat(log.dataUnitsRead()).isEqualTo(Long.MAX_VALUE);
    memory.set(ValueLayout.JAVA_BYTE, 32 + 7, (byte) 0);
    memory.set(ValueLayout.JAVA_BYTE, 32 + 15, (byte) 1);
    assertThat(log.dataUnitsRead()).isEqualTo(Long.MAX_VALUE);
    log.dataUnitsRead(7);
    assertThat(log.dataUnitsRead()).isEqualTo(7);
  }

  @Test
  void errorLogEntry() {
    MemorySegment memory = Golden.memory(64);
    ErrorLogEntry entry = new ErrorLogEntry(memory);
    entry.errorCount(0x0102030405060708L);
    entry.sqid(3);
    entry.cmdid(0x1234);
    entry.status(StatusCode.LBA_OUT_OF_RANGE.statusDnr());
    entry.parameterErrorLocation(0x0328);
    entry.lba(0x1112131415161718L);
    entry.nsid(0xffffffff);
    entry.vendorInfo(0xc0);
    entry.trtype(3);
    entry.commandSpecific(0x2122232425262728L);
    entry.transportSpecific(0x0506);

    Golden.assertBytes(
        memory,
        "0: 08 07 06 05 04 03 02 01",
        "8: 03 00 34 12 00 81 28 03",
        "16: 18 17 16 15 14 13 12 11",
        "24: ff ff ff ff c0 03",
        "32: 28 27 26 25 24 23 22 21 06 05");
    assertThat(entry.status()).isEqualTo(0x4080);
    assertThat(entry.nsid()).isEqualTo(-1);
  }

  @Test
  void firmwareSlotLog() {
    MemorySegment memory = Golden.memory(512);
    FirmwareSlotLog log = new FirmwareSlotLog(memory);
    log.afi(0x21);
    log.frs(1, "1.0");
    log.frs(7, "VERSION7");

    Golden.assertBytes(
        memory, "0: 21", "8: 31 2e 30 20 20 20 20 20", "56: 56 45 52 53 49 4f 4e 37");
    assertThat(log.frs(1)).isEqualTo("1.0");
    assertThat(log.frs(2)).isEmpty();
    assertThat(log.frs(7)).isEqualTo("VERSION7");
    assertThatThrownBy(() -> log.frs(8)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void getLogPageDwords() {
    assertThat(LogPage.cdw10(LogPage.SMART, 512, true)).isEqualTo(0x007f8002);
    assertThat(LogPage.cdw10(LogPage.ERROR_INFORMATION, 0x40000 + 64, false)).isEqualTo(0x000f0001);
    assertThat(LogPage.cdw11(0x40000 + 64)).isEqualTo(1);
    assertThat(LogPage.bytes(0x000f0001, 1)).isEqualTo(0x40000 + 64);
    assertThat(LogPage.bytes(0xffff0001, 0xffff)).isEqualTo(1L << 34);
    assertThat(LogPage.lid(0x007f8002)).isEqualTo(2);
    assertThat(LogPage.retainAsyncEvent(0x007f8002)).isTrue();
    assertThat(LogPage.retainAsyncEvent(0x007f0002)).isFalse();
    assertThat(LogPage.offset(0x89abcdef, 0x01234567)).isEqualTo(0x0123456789abcdefL);
  }
}
