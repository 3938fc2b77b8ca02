/** The last real message on a wire, as the server saw it: for completion, for previews of expressions, for hovering. */

export interface SeenMessage {
  /** Node and output it left. */
  from: { id: string; port: number }
  at: Date
  /** Cut to a size that can be shown; parts left out are said so by the server. */
  msg: unknown
}

export interface LastMessages {
  /** The newest message that went into a node. */
  into(nodeId: string): Promise<SeenMessage | undefined>
  /** The newest message that left an output. */
  from(nodeId: string, port: number): Promise<SeenMessage | undefined>
}
