package sluice.virtual.pci;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.support.memory.OffHeap;
import sluice.vfio.DmaMemory;

/** Memory that the drive gets by calls, each within one region. */
final class Elsewhere implements RemoteMemory {
  final Map<Long, DmaMemory> regions = new HashMap<>();
  private final List<String> calls = new ArrayList<>();
  boolean refuses;
  final Map<Runnable, User> slow = new LinkedHashMap<>();
  boolean isSlow;
  int maxTransfer = 1 << 20;

  /** How many messages of data there are at once. */
  int places = Integer.MAX_VALUE;

  /** How many of queues. */
  int placesOfQueues = Integer.MAX_VALUE;

  private long address(String what, long iova, long length) {
    calls.add(what + " " + length);
    for (DmaMemory region : regions.values()) {
      if (iova >= region.iova() && iova - region.iova() <= region.size() - length) {
        return region.address() + iova - region.iova();
      }
    }
    throw new AssertionError(String.format("no region has 0x%x bytes at 0x%x", length, iova));
  }

  @Override
  public int maxTransfer() {
    return maxTransfer;
  }

  @Override
  public boolean read(long iova, long address, long length, User user) {
    if (!hasPlace(user)) {
      return false;
    }
    long from = address("read", iova, length);
    return move(() -> OffHeap.copy(from, address, length), user);
  }

  @Override
  public boolean write(long iova, long address, long length, User user) {
    if (!hasPlace(user)) {
      return false;
    }
    long to = address("write", iova, length);
    MemorySegment copy = Arena.ofAuto().allocate(length);
    OffHeap.copy(address, copy.address(), length);
    return move(() -> OffHeap.copy(copy.address(), to, length), user);
  }

  private boolean hasPlace(User user) {
    return user.isQueue()
        ? slow.values().stream().filter(User::isQueue).count() < placesOfQueues
        : slow.size() < places;
  }

  private boolean move(Runnable work, User user) {
    if (isSlow) {
      slow.put(work, user);
    } else {
      work.run();
      user.moved(!refuses);
    }
    return true;
  }

  @Override
  public void forget(User user) {
    boolean _ = slow.values().removeIf(user::equals);
  }

  /** What was asked for first has come. */
  void answerOne() {
    Runnable work = slow.keySet().iterator().next();
    User user = slow.remove(work);
    work.run();
    user.moved(true);
  }

  /** All that was asked for has come. */
  void answer() {
    Map<Runnable, User> all = new LinkedHashMap<>(slow);
    slow.clear();
    all.forEach((work, user) -> {
      work.run();
      user.moved(true);
    });
  }

  List<String> take() {
    List<String> result = List.copyOf(calls);
    calls.clear();
    return result;
  }
}
