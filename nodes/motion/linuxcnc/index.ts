/** The talk with `linuxcncrsh` without any link or process: texts in, facts out. */
export { createReplyReader, parseReply } from './replies.ts'
export {
  addAnswers,
  type LinuxcncFacts,
  type LinuxcncStatus,
  lockOf,
  RARE_QUESTIONS,
  STATUS_QUESTIONS,
  stateOf,
  UNKNOWN_LINUXCNC,
} from './status.ts'
