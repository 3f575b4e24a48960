package sluice.bench.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.bench.job.Layout.Measured;
import sluice.nvme.DriveAddress;

/** Which of several drives jobs are on. */
class DriveLayoutTest {
  private static final long MIB = 1 << 20;
  private static final List<Measured> DRIVES =
      List.of(
          new Measured(DriveAddress.parse("virtual:a.img"), 64 * MIB),
          new Measured(DriveAddress.parse("pci:0000:01:00.0"), 32 * MIB),
          new Measured(DriveAddress.parse("virtual:memory?size=16M"), 16 * MIB),
          new Measured(DriveAddress.parse("virtual:memory?size=16M"), 16 * MIB));

  private static List<JobOptions> jobs(String options) {
    return CommandLineJobs.read(Stream.of(options.split(" ")).map(each -> "--" + each).toList())
        .jobs();
  }

  /** The first job's parts as {@code drive:bytes/MiB of which it uses so many}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # Without a name, all drives, as if the job named them all.
          name=a                                  | 0:64/64 1:32/32 2:16/16 3:16/16
          name=a size=16m                         | 0:64/4 1:32/4 2:16/4 3:16/4
          name=a size=50%                         | 0:64/32 1:32/16 2:16/8 3:16/8
          name=a nrfiles=3                        | 0:64/64 1:32/32 2:16/16 3:16/16
          # By number and by address, in the order of the names.
          filename=1                              | 1:32/32
          filename=3:0                            | 3:16/16 0:64/64
          filename=0:0                            | 0:64/64
          filename=virtual:a.img                  | 0:64/64
          filename=a.img                          | 0:64/64
          filename=pci:0000:01:00.0:virtual:a.img | 1:32/32 0:64/64
          filename=2:pci:0000:01:00.0 size=8m     | 2:16/4 1:32/4
          filename=2 filesize=4m                  | 2:16/4
          """)
  void jobsChooseDrives(String options, String expected) {
    JobOptions job = jobs(options).getFirst();
    Layout layout = Layout.of(List.of(job), DRIVES);
    List<Place> files = layout.files(job, 0);
    StringBuilder all = new StringBuilder();
    for (int file = 0; file < files.size(); file++) {
      Place place = files.get(file);
      assertThat(place.offset()).isZero();
      all.append(place.drive()).append(':').append(place.bytes() / MIB);
      all.append('/').append(layout.bytes(job, 0, file, files.size()) / MIB).append(' ');
    }
    assertThat(all.toString().strip()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          filename=4                       | filename "4" is none of the 4 drives: give a number from 0 to 3, or one's address
          filename=0:99999999999           | filename "99999999999" is none of the 4 drives
          filename=/dev/nvme0n1            | filename "/dev/nvme0n1" is none of the 4 drives
          filename=virtual:b.img           | filename "virtual:b.img" is none of the 4 drives
          filename=virtual:memory?size=16M | is the address of several drives: give their numbers, as 2:3
          """)
  void whatIsNoneOfTheDrivesIsRefused(String options, String why) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layout.of(jobs(options), DRIVES))
        .withMessageContaining(why);
  }

  @Test
  void whoNamesNoDriveIsTold() {
    assertThat(Layout.of(jobs("name=a name=b filename=1 name=c filename=:"), DRIVES).notes())
        .containsExactly(
            "job a names no drive, and is on all 4: filename=0 and so on choose; so are 1 more");
    assertThat(Layout.of(jobs("name=a filename=1"), DRIVES).notes()).isEmpty();
  }

  /** Names that look like numbers are files' there. */
  @Test
  void oneDriveHasFilesOnIt() {
    List<JobOptions> jobs = jobs("name=a filename=1 size=1m name=b filename=2 size=1m");
    Layout layout = Layout.of(jobs, DRIVES.subList(0, 1));
    assertThat(
            jobs.stream()
                .map(job -> layout.files(job, 0).getFirst())
                .map(place -> place.drive() + ":" + place.offset() / MIB)
                .collect(Collectors.joining(" ")))
        .isEqualTo("0:0 0:1");
  }

  @Test
  void aFileOfJobsForSeveralDrivesIsRefusedOnOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layout.of(jobs("filename=0:1:2 size=900m"), DRIVES.subList(0, 1)))
        .withMessage(
            "the jobs name drives by number, up to 2, and there is one drive: give --drive for each");
  }
}
