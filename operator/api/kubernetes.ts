/** The parts of Kubernetes objects that the operator reads and writes, as plain data. */

export interface Key {
  namespace: string
  name: string
}

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

export interface ObjectMeta {
  name: string
  namespace: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  finalizers?: string[]
  ownerReferences?: OwnerReference[]
}

export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
}

/** metav1.Condition: `lastTransitionTime` moves only when `status` flips. */
export interface Condition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason: string
  message: string
  lastTransitionTime: string
  observedGeneration?: number | undefined
}

/** A pipeline as the API server has it: its spec is not yet parsed. */
export interface PipelineObject extends KubernetesObject {
  kind: 'ClickstreamPipeline'
  spec?: unknown
  status?: Record<string, unknown>
}

/** kafka.strimzi.io KafkaTopic, v1 and v1beta2 alike. */
export interface KafkaTopic extends KubernetesObject {
  kind: 'KafkaTopic'
  spec: {
    topicName?: string
    partitions?: number
    replicas?: number
    config?: Record<string, string | number | boolean>
  }
  status?: {
    observedGeneration?: number
    topicName?: string
    topicId?: string
    conditions?: (Pick<Condition, 'type'> & Partial<Omit<Condition, 'status'>> & { status: string })[]
  }
}

export interface Deployment extends KubernetesObject {
  kind: 'Deployment'
  spec: {
    replicas?: number
    selector: { matchLabels: Record<string, string> }
    strategy?: Record<string, unknown>
    template: {
      metadata: { labels: Record<string, string>; annotations?: Record<string, string> }
      spec: PodSpec
    }
    [field: string]: unknown
  }
  status?: {
    observedGeneration?: number
    replicas?: number
    updatedReplicas?: number
    readyReplicas?: number
    availableReplicas?: number
    conditions?: { type: string; status: string; reason?: string; message?: string }[]
  }
}

export interface PodSpec {
  containers: Container[]
  [field: string]: unknown
}

interface Container {
  name: string
  image: string
  args?: string[]
  env?: { name: string; value?: string; valueFrom?: unknown }[]
  [field: string]: unknown
}

export interface Service extends KubernetesObject {
  kind: 'Service'
  spec: Record<string, unknown>
}
