import type { PodSpec } from '../api/kubernetes.ts'
import type { Pipeline } from '../api/pipeline.ts'
import { exceeds } from '../api/quantity.ts'
import type { Resources } from '../api/spec.ts'
import type { Role } from '../../runtime/settings.ts'
import { selector } from './names.ts'

/** Seconds a pod has to stop; the runtime itself stops within 10. */
const graceSeconds = 30
const port = 8080

/** What a role's pods get when the spec says nothing. A cpu limit would only throttle: there is none. */
const defaultResources = {
  producer: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
  processor: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
  consumer: { requests: { cpu: '20m', memory: '96Mi' }, limits: { memory: '256Mi' } },
} as const

/**
 * The pod of a role: restricted by the Pod Security Standards, without an API token, with truthful probes.
 * `env` is the role's environment as runtime/settings.ts describes it.
 */
export const pod = (
  pipeline: Pipeline,
  { role, image, env }: { role: Role; image: string; env: Record<string, string | undefined> },
): PodSpec => ({
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  // As the first process of a container Node would not see a SIGTERM that comes before it has a handler.
  shareProcessNamespace: true,
  terminationGracePeriodSeconds: graceSeconds,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65_532,
    runAsGroup: 65_532,
    seccompProfile: { type: 'RuntimeDefault' },
  },
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: selector(pipeline, role) },
    },
  ],
  containers: [
    {
      name: role,
      image,
      imagePullPolicy: 'IfNotPresent',
      args: [role],
      env: [
        ...Object.entries(env)
          .filter(([, value]) => value !== undefined)
          .map(([name, value]) => ({ name, value: value ?? '' })),
        { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
      ],
      ports: [{ name: 'http', containerPort: port, protocol: 'TCP' }],
      resources: resources(role, pipeline.spec[role].resources),
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      startupProbe: probe('/healthz', { periodSeconds: 1, failureThreshold: 60 }),
      livenessProbe: probe('/healthz', { periodSeconds: 10, failureThreshold: 3 }),
      readinessProbe: probe('/readyz', { periodSeconds: 2, failureThreshold: 3 }),
    },
  ],
})

const probe = (path: string, timing: { periodSeconds: number; failureThreshold: number }) => ({
  httpGet: { path, port: 'http', scheme: 'HTTP' },
  timeoutSeconds: 5,
  ...timing,
})

/** What is set stands. A default gives way to it, as a pod that requests more than its limit is refused. */
const resources = (role: Role, { requests = {}, limits = {} }: Resources) => {
  const usual: Required<Resources> = defaultResources[role]
  const request = (name: 'cpu' | 'memory') =>
    requests[name] ?? (exceeds(usual.requests?.[name], limits[name]) ? limits[name] : usual.requests?.[name])
  const limit = (name: 'cpu' | 'memory') =>
    limits[name] ?? (exceeds(requests[name], usual.limits?.[name]) ? requests[name] : usual.limits?.[name])
  return {
    requests: amounts({ cpu: request('cpu'), memory: request('memory') }),
    limits: amounts({ cpu: limit('cpu'), memory: limit('memory') }),
  }
}

const amounts = (set: Record<string, string | number | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(set).flatMap(([name, amount]) => (amount === undefined ? [] : [[name, String(amount)]])),
  )
