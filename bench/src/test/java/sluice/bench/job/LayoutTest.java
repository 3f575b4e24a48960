package sluice.bench.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which files jobs have, and where on the drive they are. */
class LayoutTest {
  private static final long MIB = 1 << 20;
  private static final long DRIVE = 64 * MIB;

  private static List<JobOptions> jobs(String options) {
    return CommandLineJobs.read(Stream.of(options.split(" ")).map(each -> "--" + each).toList())
        .jobs();
  }

  /** Each clone's places as {@code offset+bytes} in MiB, one after the other. */
  private static String layout(String options) {
    List<JobOptions> jobs = jobs(options);
    Layout layout = Layout.of(jobs, DRIVE);
    List<String> places =
        jobs.stream()
            .flatMap(job ->
                IntStream.range(0, job.get(Options.NUMJOBS))
                    .mapToObj(clone -> layout.files(job, clone)))
            .flatMap(List::stream)
            .map(place -> place.offset() / MIB + "+" + place.bytes() / MIB)
            .toList();
    return String.join(" ", places);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # One file is the whole drive, whatever it is called.
          name=a size=4m                                       | 0+64
          name=a filename=x size=4m numjobs=3                  | 0+64 0+64 0+64
          name=a filename=x size=4m name=b filename=x          | 0+64 0+64
          # Jobs that say neither how much nor in what are on the drive as such.
          name=a numjobs=2 name=b                              | 0+64 0+64 0+64
          name=a size=100% name=b size=100%                    | 0+64 0+64
          name=a name=b size=4m name=c size=2m                 | 0+64 0+4 4+2
          # Clones and jobs have files of their own.
          name=a size=4m numjobs=3                             | 0+4 4+4 8+4
          name=a size=4m name=b size=2m                        | 0+4 4+2
          name=a size=25% numjobs=4                            | 0+16 16+16 32+16 48+16
          name=a directory=/mnt size=4m numjobs=2              | 0+4 4+4
          # The same name is the same file, as long as any needs it.
          name=a filename=x size=4m name=b filename=y size=2m name=c filename=x size=8m | 0+8 8+2 0+8
          name=a filename=x size=4m offset=1m name=b size=1m   | 0+5 5+1
          name=a size=2m offset_increment=1m numjobs=3         | 0+2 2+3 5+4
          name=a size=4m name=a size=2m                        | 0+64 0+64
          name=a size=4m numjobs=2 filename_format=$jobname.$filenum | 0+64 0+64
          name=a size=4m numjobs=2 filename_format=x$jobnum    | 0+4 4+4
          name=a directory=/m:/n filename=x size=1m numjobs=3  | 0+1 1+1 0+1
          # Several files of one job: size is of them all, filesize of each.
          name=a filename=x:y size=4m                          | 0+2 2+2
          name=a filename=x\\:y size=4m                         | 0+64
          name=a nrfiles=4 size=4m                             | 0+1 1+1 2+1 3+1
          name=a nrfiles=2 filesize=4m numjobs=2               | 0+4 4+4 8+4 12+4
          name=a nrfiles=2 filesize=4m size=1m                 | 0+4 4+4
          name=a filesize=4m                                   | 0+64
          """)
  void filesAreWhereTheirNamesSay(String options, String places) {
    assertThat(layout(options)).isEqualTo(places);
  }

  @Test
  void theyAreOnBlocksOfTheirOwn() {
    List<JobOptions> jobs = jobs("name=a size=10000 name=b size=10000");
    Layout layout = Layout.of(jobs, DRIVE);
    assertThat(layout.files(jobs.getLast(), 0)).containsExactly(new Place(12288, 12288));
  }

  @Test
  void sizesFromARangeAreTheSameAgain() {
    List<JobOptions> jobs = jobs("name=a nrfiles=8 filesize=1m-4m");
    List<Place> places = Layout.of(jobs, DRIVE).files(jobs.getFirst(), 0);
    assertThat(places).allMatch(place -> place.bytes() >= MIB && place.bytes() <= 4 * MIB + 4096);
    assertThat(places.stream().map(Place::bytes).distinct()).hasSizeGreaterThan(4);
    assertThat(Layout.of(jobs, DRIVE).files(jobs.getFirst(), 0)).isEqualTo(places);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layout("name=a size=20m numjobs=4"))
        .withMessage(
            "the jobs' 4 files need 80 MiB, and the drive has 64 MiB: give less size, or all the"
                + " same filename");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layout("name=a filename=/dev/a name=b filename=/dev/b"))
        .withMessage(
            "the jobs have 2 files, and /dev/a is the whole drive: give each a size, or all the"
                + " same filename");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layout("name=a size=4000p numjobs=4000"))
        .withMessageStartingWith("the jobs have 4000 files, and a.0.0 is the whole drive");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layout("name=a nrfiles=60000 size=60m numjobs=4000"))
        .withMessage("command line: the jobs have more than 65536 files");
  }

  @Test
  void whereFilesAreIsToldToThoseWhoNameThem() {
    assertThat(Layout.of(jobs("filename=/dev/a:/dev/b:c size=12m"), DRIVE).notes())
        .containsExactly(
            "the jobs' 3 files lie one behind the other on the drive: from /dev/a at byte 0 to c at"
                + " byte 8388608");
    assertThat(Layout.of(jobs("name=a size=4m numjobs=3"), DRIVE).notes()).isEmpty();
    assertThat(Layout.of(jobs("name=a filename=/dev/a size=4m"), DRIVE).notes()).isEmpty();
  }
}
