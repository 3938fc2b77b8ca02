/** What job nodes ask of the product, beside queueing and ending jobs. Every promise rejects with words for a person. */

/** When and in which order a job is to be done; times are ISO. */
export interface JobPlan {
  /** Lowest first, 0 is usual. */
  priority?: number
  dueAt?: string
  notBefore?: string
  /** When it has not begun by then, it fails. */
  deadlineAt?: string
  /** Jobs that must have completed before. */
  dependsOn?: string[]
  whenBlockerFails?: 'wait' | 'fail' | 'go-on'
}

type QueueMode = 'open' | 'held' | 'draining'

export interface JobServices {
  /** Tells how far a flow job is. */
  progress(request: { jobId: string; done: number; total: number; text?: string }): Promise<void>
  /** Holds (nothing new begins), drains (nothing new is taken) or opens a queue: `machine-<id>`, `flow`, `adapter`, `maintenance`. */
  controlQueue(request: {
    queue: string
    mode: QueueMode
    why?: string
    nodeId: string
  }): Promise<{ queue: string; mode: QueueMode; why?: string; by?: string }>
}
