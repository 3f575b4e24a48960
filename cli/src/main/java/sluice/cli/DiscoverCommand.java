package sluice.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import sluice.nvme.spec.DiscoveryEntry;
import sluice.nvme.tcp.Discovery;

/** {@code sluice discover}: which subsystems a discovery service of NVMe over TCP tells of. */
@Command(
    name = "discover",
    description = "Asks a host which drives it offers by NVMe over TCP (its discovery log).",
    footer = {
      "",
      "  sluice discover 10.0.0.7",
      "  sluice discover [fe80::1]:8009 -o json      with the same keys as nvme-cli's",
      "",
      "What it tells is used as a drive's address: tcp://TRADDR:TRSVCID/SUBNQN"
    })
final class DiscoverCommand implements Runnable {
  private static final int NAME_WIDTH = 9;

  @Parameters(
      paramLabel = "HOST[:PORT]",
      description = "The discovery service; without a port 8009 is tried, and then 4420.")
  private String place;

  @Option(
      names = "--hostnqn",
      paramLabel = "NQN",
      description = "This host's name (default: that in /etc/nvme, or one that stays the same).")
  private String hostName;

  @Option(
      names = "--hostid",
      paramLabel = "UUID",
      description = "This host's identifier (default: as for its name).")
  private String hostId;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "How long the connection, and each answer, may take (default: 10s).")
  private String timeout;

  @Option(
      names = "--follow",
      description = "Also asks the discovery services that it refers to, and those that theirs do.")
  private boolean follows;

  @Mixin private Output output;

  @Override
  public void run() {
    Map<String, String> options = new LinkedHashMap<>();
    put(options, "hostnqn", hostName);
    put(options, "hostid", hostId);
    put(options, "timeout", timeout);
    Discovery.Log log = Discovery.ask(place, options);
    List<Discovery.Referred> referred = follows ? Discovery.follow(log, place, options) : List.of();
    if (output.isJson()) {
      Map<String, Object> map = fields(log);
      if (follows) {
        map.put("referrals", referred.stream().map(DiscoverCommand::fields).toList());
      }
      output.json(map);
      return;
    }
    print(log);
    for (Discovery.Referred each : referred) {
      output.line("");
      output.line("Referral to " + each.service());
      if (each.log() == null) {
        output.line(each.failure());
      } else {
        print(each.log());
      }
    }
  }

  private void print(Discovery.Log log) {
    List<DiscoveryEntry> entries = log.entries();
    output.line(
        "Discovery Log Number of Records %d, Generation counter %d"
            .formatted(entries.size(), log.generation()));
    for (int i = 0; i < entries.size(); i++) {
      output.line("=====Discovery Log Entry %d======".formatted(i));
      fields(entries.get(i))
          .forEach((name, value) ->
              output.line((name + ":").concat(" ".repeat(NAME_WIDTH - name.length() - 1)) + value));
    }
  }

  private static Map<String, Object> fields(Discovery.Log log) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("genctr", log.generation());
    map.put("records", log.entries().stream().map(DiscoverCommand::fields).toList());
    return map;
  }

  private static Map<String, Object> fields(Discovery.Referred referred) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("service", referred.service());
    if (referred.log() == null) {
      map.put("error", referred.failure());
    } else {
      map.putAll(fields(referred.log()));
    }
    return map;
  }

  private static void put(Map<String, String> options, String name, String value) {
    if (value != null) {
      options.put(name, value);
    }
  }

  /** An entry under the names that nvme-cli gives its fields, in its order. */
  private static Map<String, Object> fields(DiscoveryEntry entry) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("trtype", DiscoveryEntry.transportName(entry.transport()));
    fields.put("adrfam", DiscoveryEntry.addressFamilyName(entry.addressFamily()));
    fields.put("subtype", DiscoveryEntry.subtypeName(entry.subtype()));
    fields.put("treq", DiscoveryEntry.requirementsName(entry.requirements()));
    fields.put("portid", entry.portId());
    fields.put("trsvcid", entry.service());
    fields.put("subnqn", entry.subsystem());
    fields.put("traddr", entry.address());
    fields.put("eflags", DiscoveryEntry.flagsName(entry.flags()));
    if (entry.transport() == DiscoveryEntry.TCP) {
      fields.put("sectype", DiscoveryEntry.securityName(entry.security()));
    }
    return fields;
  }
}
