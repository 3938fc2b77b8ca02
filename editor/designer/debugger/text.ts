/** The debugger's words in the person's language. */
import { designerDebugger as de } from '../../shared/text/de/designer-debugger.ts'
import { designerDebugger as en } from '../../shared/text/en/designer-debugger.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useDebuggerText = catalogue(en, de)
export type DebuggerText = ReturnType<typeof useDebuggerText>
