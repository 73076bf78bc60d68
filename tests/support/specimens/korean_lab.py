"""A lab in Korean, whose characters take two cells each."""

KOREAN = """\
name = "mmap-ko"
title = "메모리를 요청하기: mmap"
learn = "주소를 얻는 것과 [[물리 메모리]]를 얻는 것은 다릅니다. 커널은 처음 접근할 때 비로소 페이지를 할당합니다."
row = "15"

[terms]
"물리 메모리" = "컴퓨터에 실제로 장착되어 있는 메모리입니다. 페이지 프레임이라는 단위로 나누어 관리합니다."
"가상 주소" = "프로세스가 사용하는 주소입니다. 페이지 테이블이 이것을 물리 주소로 변환합니다."

[[step]]
title = "100메비바이트 매핑"
text = \"\"\"
프로세스는 [[mmap]] 시스템 콜로 커널에 메모리를 더 요청합니다. 여기서는 읽고 쓸 수 있는 익명 메모리를 100메비바이트만큼
요청하고, 그 전과 그 후의 메모리 맵을 비교합니다. 새로 생긴 [[가상 주소]] 영역을 살펴보십시오.
\"\"\"
operations = [{ do = "mmap", name = "memory", length = "100 MiB" }]
watch = "memory"
checks = [{ words = "VmSize가 정확히 102,400kB 늘어났습니다", holds = "vm_size_change == 100 MiB" }]
explanation = \"\"\"
커널은 주소 {start:hex}을 돌려주었습니다.
VmSize는 {vm_size_change:kB} 늘었지만 RSS는 {rss_change:kB}만 늘었습니다.\"\"\"

[step.question]
ask = "프로세스가 실제로 차지하는 [[물리 메모리]]는 얼마나 늘어날까요?"
options = ["거의 늘어나지 않는다", "100메비바이트 늘어난다", "절반인 50메비바이트만 늘어난다"]
right = "a"
feedback = [
  "",
  "그것은 가상 주소 공간의 크기입니다. 페이지는 처음 접근할 때 할당됩니다.",
  "커널은 아무것도 미리 쓰지 않습니다.",
]

[[step]]
title = "되돌려주기"
text = "munmap 시스템 콜로 매핑을 해제합니다. 그러면 그 주소 범위는 더 이상 이 프로세스의 것이 아닙니다."
operations = [{ do = "munmap", of = "memory" }]
checks = [{ words = "VmSize가 102,400kB 줄어들었습니다", holds = "vm_size_change == -102400 kB" }]
explanation = "범위는 맵에서 사라졌고 VmSize는 {vm_size_change:kB} 변했습니다."

[step.question]
ask = "VmSize는 얼마나 변할까요? 줄어들면 음수입니다."
unit = "kB"
figure = "vm_size_change"
"""
