package sluice.virtual.vfiouser;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import sluice.support.agent.Agent;
import sluice.support.linux.LocalSocket;
import sluice.support.memory.OffHeap;
import sluice.vfio.vfiouser.Command;
import sluice.vfio.vfiouser.MessageSocket;
import sluice.vfio.vfiouser.Version;

/**
 * Stands between a client and a server, passes messages on, and takes the descriptors away from
 * DMA_MAP: what has to be asked for by messages then is all of the client's memory.
 */
final class StrippingProxy implements Agent {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int MAX_BODY = (1 << 20) + 4096;

  private final Path server;
  private final LocalSocket listening;
  private final boolean hidesTwin;
  private MessageSocket toClient;
  private MessageSocket toServer;
  private final AtomicInteger stripped = new AtomicInteger();
  private final AtomicInteger asked = new AtomicInteger();

  /**
   * @param hidesTwin whether the server is to think that the client wants one socket alone
   */
  StrippingProxy(Path listen, Path server, boolean hidesTwin) {
    this.hidesTwin = hidesTwin;
    this.server = server;
    this.listening = LocalSocket.listen(listen);
  }

  /** How many descriptors were taken away. */
  int stripped() {
    return stripped.get();
  }

  /** How often the server has asked for memory, or sent some. */
  int asked() {
    return asked.get();
  }

  @Override
  public String name() {
    return "proxy";
  }

  @Override
  public int doWork() {
    if (toClient == null) {
      LocalSocket client = listening.accept();
      if (client == null) {
        return 0;
      }
      toClient = new MessageSocket(client, MAX_BODY, 16);
      toServer = new MessageSocket(LocalSocket.connect(server), MAX_BODY, 16);
    }
    int work = pass(toClient, toServer) + pass(toServer, toClient);
    if (toClient.hasEnded() || toServer.hasEnded()) {
      hangUp();
    }
    return work;
  }

  private int pass(MessageSocket from, MessageSocket to) {
    if (!from.receive()) {
      return 0;
    }
    int[] fds = new int[from.command() == Command.DMA_MAP ? 0 : from.descriptors()];
    int _ = stripped.addAndGet(from.descriptors() - fds.length);
    if (!from.isReply()
        && (from.command() == Command.DMA_READ || from.command() == Command.DMA_WRITE)) {
      int _ = asked.incrementAndGet();
    }
    for (int i = 0; i < fds.length; i++) {
      fds[i] = from.descriptor(i);
    }
    int bytes = from.receivedBytes();
    if (hidesTwin && from == toClient && from.command() == Command.VERSION) {
      bytes = Version.read(from.received(), bytes).withTwinSocket(false, 0).write(to.body(), false);
    } else {
      OffHeap.copy(from.received(), to.body(), bytes);
    }
    int flags =
        (from.isReply() ? MessageSocket.FLAG_REPLY : 0)
            | (from.isReplyUnwanted() ? MessageSocket.FLAG_NO_REPLY : 0)
            | (from.isError() ? MessageSocket.FLAG_ERROR : 0);
    to.send(from.id(), from.command(), flags, from.error(), bytes, TIMEOUT, fds);
    return 1;
  }

  private void hangUp() {
    if (toClient != null) {
      toClient.close();
      toServer.close();
      toClient = null;
    }
  }

  @Override
  public void close() {
    hangUp();
    listening.close();
  }
}
