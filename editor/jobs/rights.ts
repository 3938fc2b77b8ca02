/** What a person may do on the board. */
export interface Rights {
  mayManage: boolean
  /** What makes a machine move, now or later. */
  mayMove: boolean
}
