/** CodeMirror as the forms use it. Loaded when the first code field is shown; no view library around it. */
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionSource,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { javascript } from '@codemirror/lang-javascript'
import { json } from '@codemirror/lang-json'
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting, syntaxTree } from '@codemirror/language'
import { type Diagnostic, forEachDiagnostic, linter, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers, placeholder } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { JSONATA_FUNCTIONS } from './jsonata-functions.ts'
import { jsonata, markdown } from './languages.ts'

export type CodeLanguage = 'javascript' | 'json' | 'jsonata' | 'markdown' | 'text'

export interface CodePath {
  path: string
  preview: string
}

export interface CodeOptions {
  parent: HTMLElement
  language: CodeLanguage
  value: string
  label: string
  hint?: string | undefined
  isReadOnly?: boolean
  hasLineNumbers?: boolean
  attributes?: Readonly<Record<string, string>>
  /** Paths into the message that can be written here. */
  paths: () => readonly CodePath[]
  words: { syntaxError: string }
  onChange: (value: string) => void
  /** Esc, when there is nothing of the editor's own to close. */
  onEscape: () => void
}

export interface CodeHandle {
  set(value: string): void
  setAttributes(attributes: Readonly<Record<string, string>>): void
  /** Marks a place: an error of an expression. */
  mark(problem: { at: number; message: string } | undefined): void
  focus(): void
  close(): void
}

// colours are the page's own: code.css gives each its meaning in light and dark
const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], class: 'code-keyword' },
  { tag: [tags.string, tags.regexp, tags.special(tags.string)], class: 'code-string' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], class: 'code-number' },
  { tag: [tags.comment, tags.quote], class: 'code-comment' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.variableName], class: 'code-variable' },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], class: 'code-property' },
  { tag: [tags.heading, tags.strong], class: 'code-strong' },
  { tag: tags.emphasis, class: 'code-emphasis' },
  { tag: [tags.link, tags.monospace], class: 'code-string' },
  { tag: tags.invalid, class: 'code-invalid' },
])

/** What a function node's code has at hand (nodered.org/docs/user-guide/writing-functions). */
const NODE_API: readonly Completion[] = [
  ...['msg', 'node', 'context', 'flow', 'global', 'env', 'RED'].map((label) => ({ label, type: 'variable' })),
  ...['node.send(msg)', 'node.done()', 'node.error(text, msg)', 'node.warn(text)', 'node.log(text)', 'node.status({ text })', 'node.id', 'node.name'].map(
    (label) => ({
      label,
      type: 'function',
    }),
  ),
  ...['context', 'flow', 'global'].flatMap((scope) =>
    ['get(key)', 'set(key, value)', 'keys()'].map((call) => ({ label: `${scope}.${call}`, type: 'function' })),
  ),
  { label: 'env.get(name)', type: 'function' },
  { label: 'RED.util.cloneMessage(msg)', type: 'function' },
  { label: 'RED.util.getMessageProperty(msg, path)', type: 'function' },
  { label: 'return msg', type: 'keyword' },
]

function messagePaths(paths: CodeOptions['paths'], prefix: string): CompletionSource {
  return (context: CompletionContext) => {
    const word = context.matchBefore(/[\w$][\w$.[\]"'`-]*/)
    if (!word && !context.explicit) return null
    return {
      from: word?.from ?? context.pos,
      options: paths().map(({ path, preview }) => ({ label: `${prefix}${path}`, detail: preview, type: 'property' })),
      validFor: /^[\w$.[\]"'`-]*$/,
    }
  }
}

const jsonataFunctions: CompletionSource = (context) => {
  const word = context.matchBefore(/\$\w*/)
  if (!word) return null
  const options = Object.entries(JSONATA_FUNCTIONS).map(
    ([label, parameters]): Completion => ({
      label,
      detail: `(${parameters})`,
      type: 'function',
      apply: (view, _completion, from, to) => {
        view.dispatch({ changes: { from, to, insert: `${label}()` }, selection: { anchor: from + label.length + (parameters === '' ? 2 : 1) } })
      },
    }),
  )
  return { from: word.from, options, validFor: /^\$\w*$/ }
}

const nodeApi: CompletionSource = (context) => {
  const word = context.matchBefore(/[\w$][\w$.]*/)
  if (!word && !context.explicit) return null
  return { from: word?.from ?? context.pos, options: [...NODE_API], validFor: /^[\w$.]*$/ }
}

function languageOf({ language, paths, words }: CodeOptions): Extension {
  const complete = (...sources: CompletionSource[]) => autocompletion({ override: sources, icons: false })
  switch (language) {
    case 'javascript':
      return [javascript(), complete(nodeApi, messagePaths(paths, 'msg.')), linter(syntaxErrors(words.syntaxError, true), { delay: 400 })]
    case 'json':
      return [json(), linter(syntaxErrors(words.syntaxError, false), { delay: 300 })]
    case 'jsonata':
      return [jsonata, complete(jsonataFunctions, messagePaths(paths, ''))]
    case 'markdown':
      return markdown
    case 'text':
      return []
    default:
      return language satisfies never
  }
}

/**
 * Marks what the grammar cannot read. A function node's code is the body of a function, where `return` is allowed:
 * the grammar takes it as it is.
 */
function syntaxErrors(message: string, isFirstOnly: boolean) {
  return (view: EditorView): Diagnostic[] => {
    if (view.state.doc.toString().trim() === '') return []
    const found: Diagnostic[] = []
    syntaxTree(view.state).iterate({
      enter: ({ type, from, to }) => {
        if (type.isError && !(isFirstOnly && found.length > 0))
          found.push({ from, to: Math.max(to, Math.min(from + 1, view.state.doc.length)), severity: 'error', message })
      },
    })
    return found
  }
}

export function openCode(options: CodeOptions): CodeHandle {
  const { language, value, label, isReadOnly = false, hasLineNumbers = false } = options
  const attributes = new Compartment()
  const attributesOf = (more: Readonly<Record<string, string>> = {}) => EditorView.contentAttributes.of({ 'aria-label': label, ...more })
  let isSetting = false
  const view = new EditorView({
    parent: options.parent,
    state: EditorState.create({
      doc: value,
      extensions: [
        hasLineNumbers ? [lineNumbers(), highlightActiveLine(), lintGutter()] : [],
        highlightSpecialChars(),
        history(),
        drawSelection(),
        EditorState.allowMultipleSelections.of(true),
        EditorState.tabSize.of(2),
        EditorView.lineWrapping,
        indentOnInput(),
        syntaxHighlighting(colours),
        bracketMatching(),
        closeBrackets(),
        highlightSelectionMatches(),
        options.hint ? placeholder(options.hint) : [],
        EditorState.readOnly.of(isReadOnly),
        languageOf(options),
        attributes.of(attributesOf(options.attributes)),
        // Ctrl+Enter belongs to the form, which ends with it
        keymap.of([
          ...closeBracketsKeymap,
          ...completionKeymap,
          ...searchKeymap,
          ...lintKeymap,
          ...historyKeymap,
          ...defaultKeymap.filter(({ key }) => key !== 'Mod-Enter'),
        ]),
        // code is indented with Tab; Esc leaves the editor, so that it is no trap
        language === 'javascript' ? keymap.of([indentWithTab]) : [],
        keymap.of([
          {
            key: 'Escape',
            run: () => {
              options.onEscape()
              return true
            },
          },
        ]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !isSetting) options.onChange(update.state.doc.toString())
        }),
      ],
    }),
  })
  return {
    set(next) {
      if (next === view.state.doc.toString()) return
      isSetting = true
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } })
      isSetting = false
    },
    setAttributes: (next) => view.dispatch({ effects: attributes.reconfigure(attributesOf(next)) }),
    mark(problem) {
      let has = false
      forEachDiagnostic(view.state, () => {
        has = true
      })
      if (!problem && !has) return
      const at = Math.min(problem?.at ?? 0, view.state.doc.length)
      const from = Math.max(0, Math.min(at, view.state.doc.length - 1))
      view.dispatch(setDiagnostics(view.state, problem ? [{ from, to: Math.max(at, from + 1), severity: 'error', message: problem.message }] : []))
    },
    focus: () => view.focus(),
    close: () => view.destroy(),
  }
}
