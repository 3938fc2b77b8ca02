/** Templates as files, for the command line: checking, packing and unpacking need no server. */
export { readFolder, writeFolder } from './folder.ts'
export { openArchive, packFolder } from './open.ts'
export { readTemplate } from './read-template.ts'
