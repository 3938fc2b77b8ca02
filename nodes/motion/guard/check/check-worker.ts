/**
 * The thread that looks at programs, so that the guard's own never stops for it: one order, one answer, then the next. It
 * shares nothing with the guard, keeps nothing of an order, and can be ended at any moment.
 */
import { parentPort } from 'node:worker_threads'
import { toErrorMessage } from '../../../../base/errors.ts'
import type { WorkerAnswer, WorkerMessage, WorkerOrder } from './contract.ts'
import { planStart } from './plan.ts'
import { checkTail } from './tail.ts'
import { checkWhole } from './whole.ts'

function carryOut(order: WorkerOrder): WorkerAnswer {
  switch (order.kind) {
    case 'check':
      return checkWhole(order)
    case 'tail':
      return checkTail(order)
    case 'plan':
      return planStart(order)
    default:
      return order satisfies never
  }
}

parentPort?.on('message', (order: WorkerOrder) => {
  let message: WorkerMessage
  try {
    message = { answer: carryOut(order) }
  } catch (error) {
    message = { failure: toErrorMessage(error) }
  }
  parentPort?.postMessage(message)
})
