package sluice.virtual.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.nvme.spec.AdminOpcode;
import sluice.nvme.spec.AsyncEvent;
import sluice.nvme.spec.Cc;
import sluice.nvme.spec.Csts;
import sluice.nvme.spec.ErrorLogEntry;
import sluice.nvme.spec.Feature;
import sluice.nvme.spec.IoCommand;
import sluice.nvme.spec.IoOpcode;
import sluice.nvme.spec.LogPage;
import sluice.nvme.spec.SmartLog;
import sluice.nvme.spec.StatusCode;
import sluice.queues.SubmissionEntry;
import sluice.support.linux.LinuxException;
import sluice.vfio.DmaMemory;
import sluice.virtual.pci.Host;
import sluice.virtual.personality.Personality;

/** A disk that could not keep what it was given: the host is told of it wherever it may look. */
class FlushFailureTest {
  private static final int ALL = 0xffffffff;
  private static final int WRITE_FAULT = StatusCode.WRITE_FAULT.statusDnr();

  private final SlowDisk disk = new SlowDisk(1 << 20);
  private final Host host = Host.ready(new DriveSettings(), Personality.PLAIN, disk);
  private final Host.Queue queue = host.createQueue(1, 16);
  private final DmaMemory data = host.memory(4096);

  @AfterEach
  void close() {
    host.close();
  }

  private void fail(int errno) {
    disk.failure = new LinuxException("fdatasync", "fd 3", errno, "as the test wants it");
    disk.finish();
    disk.isQuick = true;
  }

  private Host.Completion await(int opcode, long lba, int flags, int errno) {
    host.post(queue, opcode, 1, lba, 1, flags, data);
    queue.ring();
    host.settle();
    assertThat(queue.hasCompletion()).isFalse();
    fail(errno);
    host.settle();
    return queue.take();
  }

  private SmartLog smart() {
    int cdw10 = LogPage.cdw10(LogPage.SMART, 512, false);
    assertThat(host.admin(AdminOpcode.GET_LOG_PAGE, ALL, data, cdw10).status()).isZero();
    return new SmartLog(data.segment());
  }

  @Test
  void isInTheErrorLogWithItsBlocks() {
    Host.Completion completion = await(IoOpcode.WRITE, 77, IoCommand.FUA, LinuxException.EIO);
    assertThat(completion.status()).isEqualTo(WRITE_FAULT);
    int cdw10 = LogPage.cdw10(LogPage.ERROR_INFORMATION, 64, false);
    assertThat(host.admin(AdminOpcode.GET_LOG_PAGE, ALL, data, cdw10).status()).isZero();
    ErrorLogEntry entry = new ErrorLogEntry(data.segment());
    assertThat(entry.errorCount()).isEqualTo(1);
    assertThat(entry.sqid()).isEqualTo(1);
    assertThat(entry.cmdid()).isEqualTo(completion.commandId());
    assertThat(entry.status()).isEqualTo(WRITE_FAULT);
    assertThat(entry.lba()).isEqualTo(77);
    assertThat(entry.nsid()).isEqualTo(1);
  }

  @Test
  void isAWarningOfTheDrivesHealthThatStays() {
    assertThat(smart().criticalWarning()).isZero();
    assertThat(await(IoOpcode.FLUSH, 0, 0, LinuxException.EIO).status()).isEqualTo(WRITE_FAULT);
    assertThat(host.io(queue, IoOpcode.FLUSH, 0, 1, null)).as("it stays").isEqualTo(WRITE_FAULT);
    assertThat(host.io(queue, IoOpcode.WRITE, 0, 1, data)).as("others go on").isZero();
    assertThat(smart().criticalWarning()).isEqualTo(SmartLog.WARNING_RELIABILITY);
    assertThat(smart().mediaErrors()).isEqualTo(1);
    assertThat(smart().errorLogEntries()).isEqualTo(2);
    host.writeCc(0);
    host.settle();
    host.enable();
    assertThat(smart().criticalWarning()).isEqualTo(SmartLog.WARNING_RELIABILITY);
  }

  @Test
  void isToldOfByAnEventToAHostThatWantsToKnow() {
    int fid = Feature.setCdw10(Feature.ASYNCHRONOUS_EVENT_CONFIGURATION, false);
    host.admin(AdminOpcode.SET_FEATURES, 0, null, fid, SmartLog.WARNING_RELIABILITY);
    long request = host.admin.begin(AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST, 0);
    int id = SubmissionEntry.commandId(request);
    host.admin.ring();
    host.settle();
    await(IoOpcode.FLUSH, 0, 0, LinuxException.EIO);
    Host.Completion told = host.admin.take();
    assertThat(told.commandId()).isEqualTo(id);
    assertThat(told.result())
        .isEqualTo(
            AsyncEvent.of(AsyncEvent.TYPE_SMART, AsyncEvent.SMART_RELIABILITY, LogPage.SMART));
    host.io(queue, IoOpcode.FLUSH, 0, 1, null);
    assertThat(host.admin.hasCompletion()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {LinuxException.ENOSPC, LinuxException.EDQUOT})
  void forWantOfSpaceSaysSoAndIsNoMediaError(int errno) {
    assertThat(await(IoOpcode.FLUSH, 0, 0, errno).status())
        .isEqualTo(StatusCode.CAPACITY_EXCEEDED.statusDnr());
    assertThat(smart().mediaErrors()).isZero();
    assertThat(smart().criticalWarning()).isEqualTo(SmartLog.WARNING_RELIABILITY);
  }

  @Test
  void atAShutdownLeavesItUndone() {
    host.writeCc(Cc.shn(Host.enabledCc(), Cc.SHN_NORMAL));
    host.settle();
    assertThat(Csts.shst(host.csts())).isEqualTo(Csts.SHST_OCCURRING);
    fail(LinuxException.EIO);
    host.step();
    host.settle();
    assertThat(Csts.shst(host.csts())).isEqualTo(Csts.SHST_OCCURRING);
    assertThat(Csts.cfs(host.csts())).isTrue();
    assertThat(host.drive.isDisabled()).as("nothing is to be waited for").isTrue();
    host.writeCc(0);
    host.settle();
    assertThat(host.csts()).as("after a reset").isZero();
  }

  @Test
  void whichADiskTakesItsTimeForIsNotWaitedForBySpinning() {
    host.post(queue, IoOpcode.FLUSH, 1, 0, 1, 0, null);
    queue.ring();
    host.settle();
    assertThat(host.drive.nanosToNextEvent()).isZero();
    host.clock.advance(80_000);
    assertThat(host.drive.nanosToNextEvent()).isEqualTo(10_000);
    host.clock.advance(10_000_000_000L);
    assertThat(host.drive.nanosToNextEvent()).isEqualTo(1_000_000);
    disk.finish();
    host.settle();
    assertThat(queue.take().status()).isZero();
    assertThat(host.drive.nanosToNextEvent()).isEqualTo(Long.MAX_VALUE);
  }
}
