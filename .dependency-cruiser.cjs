// Which folder may import which: docs/architecture.md, "Folders". CI fails when a rule is broken.
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'base-needs-nothing', severity: 'error', from: { path: '^base/' }, to: { path: '^(server|nodes|adapters|editor|test)/' } },
    { name: 'adapters-need-only-base', severity: 'error', from: { path: '^adapters/' }, to: { path: '^(server|nodes|editor|test)/' } },
    { name: 'nodes-never-need-the-server', severity: 'error', from: { path: '^nodes/' }, to: { path: '^(server|editor|test)/' } },
    { name: 'server-never-needs-the-pages', severity: 'error', from: { path: '^server/' }, to: { path: '^(editor|test)/' } },
    {
      name: 'pages-need-only-the-api-and-what-calculates',
      severity: 'error',
      from: { path: '^editor/' },
      to: { path: '^(base|server|nodes|adapters|test)/', pathNot: '^(server/api/|nodes/motion/gcode/|nodes/quality/engine/|nodes/motion/machine\\.ts)' },
    },
    {
      name: 'the-api-is-browser-safe',
      severity: 'error',
      from: { path: '^server/api/' },
      to: {
        path: '^(base|nodes|adapters|server)/',
        pathNot:
          '^(server/api/|nodes/motion/(machine|action|program|controller-talk|survey)\\.ts|nodes/operator/fields\\.ts|nodes/quality/engine/(charts|rules|sampling)/contract\\.ts)',
      },
    },
    {
      name: 'gcode-is-pure',
      severity: 'error',
      from: { path: '^nodes/motion/gcode/' },
      // the shapes of reports, transforms and height maps are shared with the API: types only
      to: { path: '^(base|server|nodes|adapters|editor)/|^node:', pathNot: '^nodes/motion/(gcode/|program\\.ts|action\\.ts)' },
    },
    {
      name: 'the-quality-engine-is-pure',
      severity: 'error',
      from: { path: '^nodes/quality/engine/' },
      to: { path: '^(base|server|nodes|adapters|editor)/|^node:', pathNot: '^nodes/quality/engine/' },
    },
    { name: 'grbl-knows-no-process', severity: 'error', from: { path: '^nodes/motion/grbl/' }, to: { path: '^nodes/motion/(guard|virtual)/|^node:' } },
    { name: 'the-virtual-controller-knows-no-guard', severity: 'error', from: { path: '^nodes/motion/virtual/' }, to: { path: '^nodes/motion/(guard|grbl)/' } },
    {
      name: 'the-guard-knows-no-http-and-no-node-red',
      severity: 'error',
      from: { path: '^nodes/motion/guard/' },
      to: { path: 'express|node-red|^node:http|^nodes/define-node|^nodes/motion/[^/]+\\.node\\.ts|^nodes/motion/virtual/' },
    },
    {
      name: 'the-launcher-needs-only-node',
      severity: 'error',
      from: { path: '^server/(launcher|config|store/embedded)|^base/(child|dies-with|errors|run-dir)|^bootstrap/' },
      to: { path: 'node_modules', dependencyTypesNot: ['type-only'] },
    },
    { name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '[.](css|svg|md|json)|^virtual:' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.test\\.ts$|/test/|^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
