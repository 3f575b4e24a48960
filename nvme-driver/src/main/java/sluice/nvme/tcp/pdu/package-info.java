/**
 * The protocol data units of NVMe over TCP (NVM Express TCP Transport 1.0, section 3.6), for either
 * end of a connection: a class per kind, with static accessors on the address of its first byte,
 * which is aligned to 8 bytes.
 *
 * <pre>
 *   host                                               controller
 *     InitializePdu    ICReq          ──▶
 *                      ◀──            ICResp           InitializePdu
 *     CapsulePdu       CapsuleCmd     ──▶
 *                      ◀──            R2T              ReadyPdu
 *     DataPdu          H2CData        ──▶
 *                      ◀──            C2HData          DataPdu
 *                      ◀──            CapsuleResp      CapsulePdu
 *     TerminationPdu   H2CTermReq     ──▶
 *                      ◀──            C2HTermReq       TerminationPdu
 * </pre>
 */
package sluice.nvme.tcp.pdu;
