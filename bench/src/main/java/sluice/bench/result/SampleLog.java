package sluice.bench.result;

import java.util.Objects;

/**
 * One of a job's log files ({@code write_bw_log} and its kin), without what is in it.
 *
 * @param kind what its values are
 * @param name what its file's name begins with: the option's value, or the job's name without one
 * @param jobNumber the number in the file's name: 1 for the first job or clone of the run; 0 for
 *     {@code per_job_logs=0}, whose names have no number
 * @param hasOffsets {@code log_offset}: whether the file has a column of offsets
 */
public record SampleLog(LogKind kind, String name, int jobNumber, boolean hasOffsets) {
  public SampleLog {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(name, "name");
    if (jobNumber < 0) {
      throw new IllegalArgumentException("a job's number is 0 or more, not " + jobNumber);
    }
  }

  /** The file's name, without a folder: {@code NAME_bw.1.log}. */
  public String fileName() {
    String number = jobNumber == 0 ? "" : "." + jobNumber;
    return name + "_" + kind.suffix() + number + ".log";
  }
}
