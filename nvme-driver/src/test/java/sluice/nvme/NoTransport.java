package sluice.nvme;

import sluice.nvme.spec.IdentifyController;
import sluice.vfio.DmaSpace;

/** Reaches nothing; tests override what they need. */
class NoTransport implements ControllerTransport {
  @Override
  public String address() {
    return "fake:0";
  }

  @Override
  public int poll() {
    return 0;
  }

  @Override
  public boolean isPresent() {
    return true;
  }

  @Override
  public String absence() {
    return "is gone";
  }

  @Override
  public NvmeException lost(InternalError fault) {
    return new NvmeException(address() + " " + absence(), fault);
  }

  @Override
  public DmaSpace dma() {
    throw new UnsupportedOperationException();
  }

  @Override
  public int read32(int property) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long read64(int property) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void write32(int property, int value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int status() {
    throw new UnsupportedOperationException();
  }

  @Override
  public int pageBytes() {
    return 4096;
  }

  @Override
  public int maxQueueEntries() {
    return 1024;
  }

  @Override
  public int maxIoQueues() {
    return 128;
  }

  @Override
  public boolean canWait() {
    return false;
  }

  @Override
  public void attach() {}

  @Override
  public boolean detach() {
    return true;
  }

  @Override
  public void reset() {
    throw new UnsupportedOperationException();
  }

  @Override
  public QueueTransport newQueue(int id, int depth, long maxTransfer, DmaSpace memory) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void setUp(TransportHost host, IdentifyController identify) {}

  @Override
  public void close() {}
}
