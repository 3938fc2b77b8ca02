import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import fc from '../../test/property.ts'
import { rounds } from '../../test/rounds.ts'
import { isSafeJsonata } from './safe-jsonata.ts'

describe('arithmetic', () => {
  it.each([
    '1 + 1',
    '($flowContext("parts") ? $flowContext("parts") : 0) + 1',
    '$round(payload.kwh - $flowContext("last.kwh"), 3)',
    '"Alarm " & number & ": " & payload.text',
    '$append($append([], $flowContext("log"))[[-99..-1]], [{"at": $now(), "by": answer.by}])',
    '$map(stops, function($s, $i, $a) { $i = $count($a) - 1 and $s.reason = "not said" ? $merge([$s, {"reason": values.reason}]) : $s })',
    '$reduce(list, function($all, $one) { $all + $one.count }, 0)',
    '$sift(byReason, function($v, $k) { $k = values.reason })',
    'byReason.$sift(function($v) { $v > 1 })',
    '$split($trim($replace(values.numbers, /[\\s,;]+/, " ")), " ")',
    'given[$not($ in $$.taken)]',
    '($down := 4; $down > 0 ? 60 / $down : 0)',
    'parts^(>minutes)[0].{"name": name, "min": minutes}',
    'a@$v.b[$v.c = d]#$i',
    '$lookup(byReason, values.reason) >= 3',
    'payload.*',
  ])('%s', (expression) => {
    expect(isSafeJsonata(expression)).toBe(true)
  })
})

describe('more than arithmetic', () => {
  it.each([
    ['a context under a name that is put together', '$globalContext("constr" & "uctor.constr" & "uctor")("return process.pid")()'],
    ['a context under a name of the message', '$flowContext(payload.name)'],
    ['a context under a name into the engine', '$globalContext("a.constructor")'],
    ['another store', '$flowContext("a", payload.store)'],
    ['the environment', '$env("DATABASE_URL")'],
    ['a text that is evaluated', '$eval(payload)'],
    ['a library that is given away', '$moment().constructor'],
    ['a value of the message that is called', 'payload.f(1)'],
    ['a value in brackets that is called', '(payload.f)(1)'],
    ['a result that is called', '$flowContext("f")(1)'],
    ['a function of its own that is called', '($f := function($x) { $x }; $f(1))'],
    ['a function under another name', '($f := $env; $f("A"))'],
    ['another function under a known name', '($sum := payload.f; $sum(1))'],
    ['a known name in a function of its own', '$map(a, function($count) { $count(1) })'],
    ['a function from the message for each', '$map(a, payload.f)'],
    ['a built-in function for each', '$map(names, $env)'],
    ['a function that is chosen', '$map(a, true ? $env : $eval)'],
    ['what is called is the only argument', '$sift(payload.f)'],
    ['what replaces is called', '$replace(a, /x/, payload.f)'],
    ['what is looked for is called', '$contains(a, payload.f)'],
    ['a function handed on', 'payload ~> $eval'],
    ['a function with a gap', '($f := $substring(?, 1); $f("a"))'],
    ['a transform', '|payload|{"a": 1}|'],
    ['a way into the engine', 'payload.constructor'],
    ['the same, quoted', 'payload.`constructor`'],
    ['what all objects have', 'payload.toString'],
    ['a function as a value', 'function($x) { $x }'],
    ['a pattern as a value', '/a/'],
    ['a name that nobody gave', '$nothing'],
    ['a name from around', '%.a'],
    ['no expression', '1 +'],
    ['an expression without end', `${'('.repeat(5000)}1${')'.repeat(5000)}`],
  ])('%s', (_what, expression) => {
    expect(isSafeJsonata(expression)).toBe(false)
  })
})

it('what is safe calls nothing that a message brings, whatever is put together', { timeout: 600_000 }, async () => {
  const nodeRed = createRequire(createRequire(import.meta.url).resolve('node-red/package.json'))
  const { util } = nodeRed('@node-red/util') as {
    util: {
      prepareJSONataExpression(text: string, node: object): unknown
      evaluateJSONataExpression(expression: unknown, message: object, done: (error: unknown, value: unknown) => void): void
    }
  }
  let called = 0
  const trap = () => {
    called += 1
    return trap
  }
  const names = [
    'a',
    'b',
    'f',
    'constructor',
    'sum',
    'map',
    'eval',
    'env',
    'x',
    'replace',
    'sift',
    'each',
    'filter',
    'lookup',
    'string',
    'flowContext',
    'match',
    'sort',
  ]
  const name = fc.constantFrom(...names)
  const { expression } = fc.letrec((tie) => ({
    expression: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('1', '"f"', '$', '$$', '[1, 2]', '/f/', 'f', 'a.f', '`constructor`'),
      name.map((each) => `$${each}`),
      name.map((each) => `a.${each}`),
      fc.tuple(name, fc.array(tie('expression'), { maxLength: 3 })).map(([each, given]) => `$${each}(${given.join(', ')})`),
      fc.tuple(tie('expression'), fc.array(tie('expression'), { maxLength: 2 })).map(([what, given]) => `(${what as string})(${given.join(', ')})`),
      fc.tuple(name, tie('expression')).map(([each, body]) => `function($${each}) { ${body as string} }`),
      fc.tuple(name, tie('expression'), tie('expression')).map(([each, value, then]) => `($${each} := ${value as string}; ${then as string})`),
      fc
        .tuple(tie('expression'), fc.constantFrom('.', ' ~> ', ' & ', ' in ', ' ? '), tie('expression'))
        .map(([left, between, right]) =>
          between === ' ? ' ? `(${left as string} ? ${right as string} : f)` : `${left as string}${between}${right as string}`,
        ),
      tie('expression').map((each) => `{"k": ${each as string}}`),
    ),
  }))
  let safe = 0
  type Got = (error: unknown, value: unknown) => void
  const context = {
    // as Node-RED asks a store: the answer comes by the last argument
    get: (...given: unknown[]) => {
      const done = given.findLast((each) => typeof each === 'function') as Got | undefined
      return done ? done(null, { f: trap }) : { f: trap }
    },
  }
  const node = { context: () => ({ flow: context, global: context }) }
  await fc.assert(
    fc.asyncProperty(expression as fc.Arbitrary<string>, async (text) => {
      if (!isSafeJsonata(text)) return
      safe += 1
      await new Promise<void>((ended) => {
        const message = {
          a: [
            { f: trap, b: 1 },
            { f: trap, x: 'f' },
          ],
          f: trap,
          b: 'f',
          x: { f: trap },
        }
        // an expression may well be wrong for this message
        util.evaluateJSONataExpression(util.prepareJSONataExpression(text, node), message, () => ended())
      })
      expect(called, text).toBe(0)
    }),
    { numRuns: rounds(3000, 50_000) },
  )
  expect(safe).toBeGreaterThan(20)
})
