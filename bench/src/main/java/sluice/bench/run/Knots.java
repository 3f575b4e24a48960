package sluice.bench.run;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import sluice.nvme.IoQueue;

/** Who has to be on the same thread: those who share a queue, which one thread uses. */
final class Knots {
  private Knots() {}

  /**
   * @param workers the queues of each
   * @return the number of each one's knot, from 0 in the order of the workers
   */
  static int[] of(List<Ports> workers) {
    IdentityHashMap<IoQueue, Integer> first = new IdentityHashMap<>();
    int[] leader = new int[workers.size()];
    for (int worker = 0; worker < leader.length; worker++) {
      leader[worker] = worker;
      for (IoQueue queue : workers.get(worker).queues()) {
        Integer other = first.putIfAbsent(queue, worker);
        if (other != null) {
          int a = leaderOf(leader, other);
          int b = leaderOf(leader, worker);
          leader[Math.max(a, b)] = Math.min(a, b);
        }
      }
    }
    Map<Integer, Integer> numbers = new HashMap<>();
    List<Integer> knots = new ArrayList<>();
    for (int worker = 0; worker < leader.length; worker++) {
      int next = numbers.size();
      knots.add(numbers.computeIfAbsent(leaderOf(leader, worker), _ -> next));
    }
    return knots.stream().mapToInt(knot -> knot).toArray();
  }

  private static int leaderOf(int[] leader, int worker) {
    int at = worker;
    while (leader[at] != at) {
      leader[at] = leader[leader[at]];
      at = leader[at];
    }
    return at;
  }
}
