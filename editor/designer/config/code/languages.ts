/** Two small languages CodeMirror has no package for here: JSONata, and Markdown as far as notes need it. */
import { StreamLanguage, type StringStream } from '@codemirror/language'

const WORDS = new Set(['and', 'or', 'in', 'function', 'true', 'false', 'null'])

export const jsonata = StreamLanguage.define<{ isInComment: boolean }>({
  name: 'jsonata',
  startState: () => ({ isInComment: false }),
  token(stream, state) {
    if (state.isInComment || stream.match('/*')) {
      state.isInComment = !stream.match(/^.*?\*\//)
      if (state.isInComment) stream.skipToEnd()
      return 'comment'
    }
    if (stream.eatSpace()) return null
    const sign = stream.peek()
    if (sign === '"' || sign === "'") return quoted(stream, sign) ? 'string' : 'invalid'
    if (sign === '`') return quoted(stream, sign) ? 'propertyName' : 'invalid'
    if (stream.match(/^\d+(\.\d+)?([eE][+-]?\d+)?/)) return 'number'
    if (stream.match(/^\$+[\w]*/)) return 'variableName'
    if (stream.match(/^[\p{L}_][\p{L}\p{N}_]*/u)) return WORDS.has(stream.current()) ? 'keyword' : 'propertyName'
    if (stream.match(/^(~>|:=|\*\*|!=|<=|>=|[-+*/%&=<>?:^@#|.])/)) return 'operator'
    stream.next()
    return 'punctuation'
  },
  languageData: { closeBrackets: { brackets: ['(', '[', '{', '"', "'"] }, commentTokens: { block: { open: '/*', close: '*/' } } },
})

/** Reads a text in quotes. @returns false when the line ends before it does */
function quoted(stream: StringStream, quote: string): boolean {
  stream.next()
  let isEscaped = false
  for (let sign = stream.next(); sign !== undefined; sign = stream.next()) {
    if (sign === quote && !isEscaped) return true
    isEscaped = sign === '\\' && !isEscaped
  }
  return false
}

export const markdown = StreamLanguage.define<{ isInCode: boolean }>({
  name: 'markdown',
  startState: () => ({ isInCode: false }),
  token(stream, state) {
    if (stream.sol() && stream.match(/^\s*```/)) {
      state.isInCode = !state.isInCode
      stream.skipToEnd()
      return 'monospace'
    }
    if (state.isInCode) {
      stream.skipToEnd()
      return 'monospace'
    }
    if (stream.sol()) {
      if (stream.match(/^#{1,6} .*/)) return 'heading'
      if (stream.match(/^\s*>.*/)) return 'quote'
      if (stream.match(/^\s*([-*+]|\d+\.) /)) return 'list'
    }
    if (stream.match(/^`[^`]+`/)) return 'monospace'
    if (stream.match(/^\*\*[^*]+\*\*/)) return 'strong'
    if (stream.match(/^[*_][^*_\s][^*_]*[*_]/)) return 'emphasis'
    if (stream.match(/^\[[^\]]*\]\([^)]*\)/)) return 'link'
    stream.next()
    return null
  },
})
