/** The G-code engine: pure, no I/O, runs in the browser too. */
export { arcBox, centreFromOffsets, centreFromRadius } from './arc.ts'
export { type CheckProblem, type CheckSetup, type Extents, ModalCheck, type ModalState, modalStateFromWords, type Vector } from './modal-check.ts'
export { type LineProblem, type TokenisedLine, tokenise, type Word } from './words.ts'
