"""Names as often as they are: the parts of made-up names, and how often each is drawn.

Surnames and their shares follow the published statistics of the household register (2007–2020): a hundred surnames are
85 % of all people. Given names follow a power law over characters, so that the commonest full names (张伟, 王芳) are
borne by three or four in ten thousand, a little more than the register counts; a test holds the generator to that.
"""

from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")

# Surname and its share of all people, in hundredths of a per cent.
SURNAMES = (
    "王725 李719 张683 刘538 陈453 杨308 赵229 黄223 周212 吴205 徐166 孙154 胡131 马129 朱126 郭115 何114 林114 高100 "
    "罗95 郑93 梁85 宋81 谢72 韩68 许66 唐65 冯64 邓62 曹60 彭58 曾58 肖58 田56 董51 潘50 袁50 蔡50 蒋48 余47 杜46 于46 "
    "吕45 魏45 苏44 程43 丁43 叶42 任41 卢41 沈41 姚40 钟39 姜38 崔38 谭37 陆37 范36 汪36 廖36 石34 金34 韦33 贾33 夏33 "
    "付33 方32 邹31 熊31 白30 孟29 秦29 邱28 侯27 江27 尹26 薛26 闫26 段25 雷25 龙24 黎24 史24 陶23 贺23 毛23 郝22 顾22 "
    "龚22 邵22 万21 覃21 武20 钱20 戴20 严20 莫19 孔19 向19 常18 温18 康18 施17 文17 牛16 樊16 葛15 邢15 安15 齐14 易14 "
    "乔14 伍13 庞13 颜12 倪12 庄12 聂11 章11 鲁11 岳11 翟11 殷10 詹10 申10 欧10 耿10 关10 兰10 焦9 俞9 左9 柳9 甘9 祝8 "
    "包8 宁8 尚8 符8 舒8 阮8 柯8 纪8 梅8 童8 凌8 毕8 单7 季7 裴7 霍7 涂7 成7 苗7 谷7 盛7 曲7 翁7 冉7 骆7 蓝7 路7 游6 "
    "解5 仇4 查4 区3 乐3 朴3 缪3 燕3 盖2 欧阳8 上官2 司徒1 诸葛1 皇甫1 尉迟1 司马1 慕容1"
)
SINGLES = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚辉玲燕飞鹏红波斌莉萍华英健丹宇浩鑫婷亮峰雪颖慧琳旭凯龙晶洁倩蕾欣帆"
    "林梅兰琴凤云珍莲菊香俊博文武毅晨阳瑞佳璐瑶怡琪悦彤彬成东建国庆海江河山岩松柏楠桐森杨柳青蓝紫虹霜露雷震坤"
    "乾恒泰康宁安逸超越腾跃翔翼航帅威猛豪杰雄英才智慧贤良善美媛婧妍姝婉娴嫣媚娇妮娅琼璇瑾珊珂玮琦瑛莹菁菲萌"
    "蓓薇芸芬芝苗若茜荣蓉艺莎卓然烨煜炜炎焱灿烁晖昊昕晗晓曦朗月星辰冰清泉源润泽涵渊深沛鸿雁鹤鸣"
)
FIRSTS = (
    "小晓建文志国海玉秀春桂淑红丽美雪金永德明俊子家佳思雨梦嘉欣诗若梓天宇浩世少中大立正光荣庆宏洪鸿振兴国长新成"
    "学亚爱惠慧凤兰云翠素月银贵福寿喜祥瑞景景敬守忠孝仁义礼智信传继绍承先维可以一元亦亭婉婷怡静雅芷依彦俊耀耀"
    "卫东向晨旭朝兆启开泽润清洁志远卓越伟英豪艺书画琴香莲荷冬秋夏炳根木水火土金阿艳燕飞鹏龙虎凌霄锦绣瑾瑜晶莹"
)
SECONDS = (
    "华明英兰珍芳平军霞梅红芬荣清林玲琴香生云凤国强峰杰辉伟文龙波萍燕琳娟丽敏丹婷洁怡佳欣然涵轩宇豪博浩阳晨旭东"
    "海涛江河洋鹏飞勇刚毅斌彬武成功德福贵才发财良善忠信义仁礼智安康宁静雅慧颖倩雪冰月星辰雨露霜雷电风光亮晶莹"
    "玉珠宝金银铜铁钢锋锐利祥瑞庆喜乐欢悦怡恬甜美媛妍婧姗娜娅妮茹芝芸苗花莲荷菊桃杏梨柳松柏杨桐森木根本源泉"
    "山岩石峻岭川洲溪湖渊深泽润滨清洪波澜沛涌进前远达通顺利胜凯旋立建设新民族兴邦业家庭园芳草青翠绿蓝紫虹彩"
)
# Given name and father's name of people whose names carry a middle dot.
DOTTED_GIVEN = (
    "阿依古丽 古丽娜尔 买买提 艾合买提 阿卜杜拉 帕提古丽 热依汗 阿迪力 木合塔尔 迪丽努尔 努尔古丽 吐尔逊 "
    "阿孜古丽 玛依拉 哈里旦 巴哈尔 依力哈木 塔依尔 沙地克 扎西 卓玛 次仁"
)
DOTTED_FATHER = (
    "买买提 艾尼瓦尔 吐尔逊 阿卜杜热合曼 木沙 依明 肉孜 司马义 艾山 图尔迪 伊敏江 库尔班 热合曼 卡德尔 "
    "尼亚孜 托合提 阿西木 衣不拉音 多吉 才让"
)
LATIN_GIVEN = (
    "James Maria John Anna Robert José Michael Élise David Sofia Thomas Chloé Daniel Emma Peter Olga Marek Irina Jürgen "
    "Ines Carlos Lucía Ahmed Fatima Ravi Priya Kenji Yuki Hiroshi Sakura Minjun Seoyeon Van Thi Anh Siti Budi Noor "
    "Patrick Siobhan Björn Astrid Pavel Zuzana Kwame Amina Grace Samuel Ruth Esther Victor Diana Oleg Nadia"
)
LATIN_FAMILY = (
    "Smith Johnson Williams Brown García Martínez Müller Schmidt Dubois Lefèvre Rossi Bianchi Ivanov Petrova Kowalski "
    "Novák Nguyen Tran Kim Park Lee Choi Tanaka Sato Suzuki Yamamoto Singh Patel Khan Hussain Santos Silva Pereira "
    "Andersson Hansen O'Neil MacDonald Taylor Wilson Clark Lopez Cohen Okafor Mensah Abdullah Rahman Fischer Weber"
)


class Weighted(Generic[T]):
    """Draws one of ``values``, each as often as its weight says."""

    def __init__(self, values: list[T], weights: list[float]) -> None:
        self._values, self._sums = values, list(accumulate(weights))

    def draw(self, chance: Random) -> T:
        return chance.choices(self._values, cum_weights=self._sums)[0]


def by_rank(characters: str, power: float) -> Weighted[str]:
    """Different characters in their order, ever less often; the first few hardly differ."""
    different = list(dict.fromkeys(characters))
    return Weighted(different, [(rank + 25) ** -power for rank in range(len(different))])


def surnames() -> Weighted[str]:
    pairs = [(one.rstrip("0123456789"), one) for one in SURNAMES.split()]
    return Weighted([name for name, _one in pairs], [float(one[len(name) :]) for name, one in pairs])
