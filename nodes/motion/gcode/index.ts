/** The G-code engine: pure, no I/O, runs in the browser too. */
export { arcBox, centreFromOffsets, centreFromRadius } from './arc.ts'
export { type CheckProblem, type CheckSetup, type Extents, ModalCheck, modalStateFromWords, type Vector } from './modal-check.ts'
export { tokenise } from './words.ts'
