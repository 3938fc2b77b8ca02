declare module '*.css'
declare module '*.module.css' {
  const classes: Readonly<Record<string, string>>
  export default classes
}
/** Node-RED's own JSONata (build/pages.ts). */
declare module 'virtual:jsonata-of-the-runtime' {
  import jsonata from 'jsonata'
  export default jsonata
}
/** The date library of the flow runtime (build/pages.ts), for previews of expressions. */
declare module 'virtual:moment-of-the-runtime' {
  const moment: (...values: unknown[]) => unknown
  export default moment
}
