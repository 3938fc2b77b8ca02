/** Which palette modules may be installed and loaded. */

/** Always: ours, and the dashboard that ships with the product. */
export const ALLOWED_MODULES: readonly string[] = ['@cellwright/*', '@flowfuse/node-red-dashboard']

/** May a module be installed? Exact names, or a scope with `/*`. */
export function mayInstall(module: string, allowed: readonly string[]): { allowed: boolean; reason?: string } {
  const isName = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/.test(module)
  const isListed = allowed.some((rule) => (rule.endsWith('/*') ? module.startsWith(rule.slice(0, -1)) : module === rule))
  if (isName && isListed) return { allowed: true }
  return {
    allowed: false,
    reason: isName
      ? `The module ${module} is not on the list of modules that may be installed. An administrator can add it after a review.`
      : 'That is not the name of an npm module.',
  }
}
