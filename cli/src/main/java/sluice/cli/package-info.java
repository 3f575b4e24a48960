/**
 * The command {@code sluice}. It parses, wires and shows; what is done is done in the other rooms.
 *
 * <p>A file per command, named after it. What they share: {@link sluice.cli.Sluice} (the way in and
 * how failures are told), {@link sluice.cli.Output} (text for people, JSON for programs), {@link
 * sluice.cli.OptionValues} (sizes, rates and durations), {@link sluice.cli.LiveLine} (progress on
 * standard error) and {@link sluice.cli.Signals} (Ctrl-C).
 *
 * <p>Standard output carries data and results only; progress and messages go to standard error.
 */
package sluice.cli;
