package sluice.nvme.tcp;

import sluice.nvme.tcp.pdu.InitializePdu;
import sluice.nvme.tcp.pdu.Pdu;

/**
 * What the two ends of a connection have agreed on.
 *
 * @param headerDigest whether headers have digests
 * @param dataDigest whether data has
 * @param alignment to how many bytes our data begins in a PDU
 * @param maxData bytes of data in a PDU of ours, beside what is in capsules
 */
record Negotiated(boolean headerDigest, boolean dataDigest, int alignment, int maxData) {
  /** R2Ts of one command that may be out at once. */
  static final int MAX_READY = 16;

  /** What is asked for in ICReq. */
  static int digests(boolean header, boolean data) {
    return (header ? InitializePdu.HEADER_DIGESTS : 0) | (data ? InitializePdu.DATA_DIGESTS : 0);
  }

  int headerDigestBytes() {
    return headerDigest ? Pdu.DIGEST_BYTES : 0;
  }

  int dataDigestBytes() {
    return dataDigest ? Pdu.DIGEST_BYTES : 0;
  }

  /** The flags of a PDU's digests. */
  int flags(boolean hasData) {
    return (headerDigest ? Pdu.HEADER_DIGEST : 0) | (dataDigest && hasData ? Pdu.DATA_DIGEST : 0);
  }

  /** Where data begins behind a header of ours. */
  int dataOffset(int headerBytes) {
    return Math.ceilDiv(headerBytes + headerDigestBytes(), alignment) * alignment;
  }
}
