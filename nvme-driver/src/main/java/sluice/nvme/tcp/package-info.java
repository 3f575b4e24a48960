/**
 * NVMe over TCP, this host's side (NVM Express TCP Transport 1.0, NVMe over Fabrics 1.1).
 *
 * <pre>
 *  TcpDriveProvider ──▶ TcpPlace, TcpOptions, HostIdentity
 *         │
 *   TcpTransport ──▶ Association ──▶ Dialing            find the host, connect, ICReq and ICResp
 *     │       │           │
 *  TcpQueue  TcpAdminQueue└──▶ Connections               who may close what; what is over for certain
 *     │       │
 *     │   AdminConnection ◀── KeepAlive                  several threads, one lock
 *     └───┬───┘
 *     Connection                                         one owner, no lock
 *       SendRing ──▶ socket ──▶ Receiver ──▶ Incoming ──▶ CompletionRing
 *              └── CommandTable, ReadyRing ──┘
 * </pre>
 *
 * <p>A write goes out of the request's memory, in the command's capsule or when it is asked for
 * (R2T); a read comes straight into it. Between the two there is the kernel's copy and no other.
 * The PDUs' layouts are in {@link sluice.nvme.tcp.pdu}.
 */
package sluice.nvme.tcp;
