package sluice.bench.job;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * The names that mean nothing here: fio's options that change what is done and are not done here,
 * and those that are nobody's. Left out in silence, either would make another benchmark than the
 * one that was asked for.
 */
final class ForeignOptions {
  private static final Set<String> OF_FIO =
      Set.of(
          ("block_error_percentiles bs_is_seq_rand continue_on_error create_only "
                  + "data_placement dataplacement dedupe_global dedupe_mode dedupe_percentage "
                  + "dedupe_working_set_percentage dp_scheme end_syncfs exec_postrun "
                  + "exec_prerun exit_what exitall_on_error fdp fdp_pli fdp_pli_select filetype "
                  + "fill_device fill_fs gpu_dev_id "
                  + "ignore_zone_limits job_max_open_zones job_start_clock_id "
                  + "latency_run log_alternate_epoch log_alternate_epoch_clock_id "
                  + "log_issue_time log_unix_epoch "
                  + "log_window_value max_latency max_open_zones merge_blktrace_file "
                  + "merge_blktrace_iters merge_blktrace_scalars num_range "
                  + "percentage_sequential plid_select plids profile ramp_size "
                  + "random_sequence_stride rate_cycle rate_ignore_thinktime rate_iops_min "
                  + "ratecycle read_beyond_wp read_iolog read_iolog_chunked "
                  + "recover_zbd_write_error replay_align replay_no_stall replay_redirect "
                  + "replay_scale replay_skip replay_time_scale rw_sequencer rwmixcycle "
                  + "spr_cs spr_num_regions spr_op sprandom "
                  + "thinkcycles thinktime_blocks_type "
                  + "thinktime_iotime thinktime_spin trim_backlog trim_backlog_batch "
                  + "trim_percentage trim_verify_zero "
                  + "verify_header_seed verify_offset verify_pattern_interval verify_policy "
                  + "verify_write_sequence verifysort verifysort_nr "
                  + "write_iolog write_zone_remainder zone_reset_frequency zone_reset_threshold "
                  + "zonecapacity")
              .split(" "));

  /** Further away than this, a name is no slip of the fingers. */
  private static final int MOST_SLIPS = 3;

  private ForeignOptions() {}

  /** Whether fio has it, and it changes what is done. */
  static boolean isOfFio(String name) {
    return OF_FIO.contains(name);
  }

  /** Whether a value of fio's own leaves everything as it is here. */
  static boolean isHarmless(String name, String value) {
    return switch (name) {
      case "create_only", "fill_device", "fill_fs" -> value.equals("0");
      default -> false;
    };
  }

  /** Why it is refused, in a line that begins with its name. */
  static String refusal(String name) {
    if (isOfFio(name)) {
      return name + " is an option of fio's that is not done here; --lenient leaves it out";
    }
    String near = nearest(name);
    return Values.quote(name)
        + " is no option of fio's"
        + (near == null ? "" : "; did you mean " + near + "?");
  }

  /** The option that a slip of the fingers made this of; null if none is near. */
  private static String nearest(String name) {
    List<String> all = new ArrayList<>(Options.names());
    all.addAll(Options.withoutMeaning());
    all.addAll(OF_FIO);
    int most = Math.min(MOST_SLIPS, name.length() / 3 + 1);
    return all.stream()
        .filter(other -> distance(name, other) <= most)
        .min(Comparator.comparingInt((String other) -> distance(name, other)).thenComparing(s -> s))
        .orElse(null);
  }

  /** How many letters must be put in, left out or replaced (Levenshtein). */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(above, row[j - 1]));
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
